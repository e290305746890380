import { problem } from "#api/problem.ts";
import type { Address } from "./address.ts";
import { ApiError, NoAnswer } from "./api-error.ts";

export interface Request {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/**
 * One request. @returns the answer, when its status is 2xx
 * @throws {ApiError} for any other; {NoAnswer} when none came.
 */
export async function request(address: Address, { method, path, body, headers, signal }: Request): Promise<Response> {
  const response = await answerTo(address, path, {
    method,
    // The token goes to the configured address and nowhere else.
    redirect: "error",
    signal,
    headers: {
      ...headers,
      authorization: `Bearer ${address.token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw await refusal(address, response);
  return response;
}

async function answerTo({ url }: Address, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${url}${path}`, init);
  } catch (error) {
    throw noAnswer(url, error);
  }
}

/** What a broken connection means, in words. */
export function noAnswer(url: string, error: unknown): NoAnswer {
  if (codeOf(error) === "ECONNREFUSED")
    return new NoAnswer(
      `Nothing answers at ${url}. Start the server with npm start (or arcadia serve), or set ARCADIA_API_URL`,
      true,
      error,
    );
  return new NoAnswer(`The connection to ${url} failed before an answer came`, false, error);
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return "code" in error && typeof error.code === "string" ? error.code : codeOf(error.cause);
}

async function refusal(address: Address, response: Response): Promise<ApiError> {
  const text = await response.text().catch((error: unknown) => {
    throw noAnswer(address.url, error);
  });
  const parsed = problem.safeParse(parseJson(text));
  if (!parsed.success)
    return new ApiError(
      response.status,
      undefined,
      `${address.url} answered ${response.status} and not as this API does; is it Arcadia?`,
    );
  const { title, detail, code, errors } = parsed.data;
  // The faults are shown one by one; the detail only strings them together.
  const said = detail && errors.length === 0 ? `${title}: ${detail}` : title;
  const hint =
    response.status === 401
      ? ". The token is ARCADIA_API_TOKEN, else $ARCADIA_DATA_DIR/admin-token, which the server writes at its first start"
      : "";
  return new ApiError(response.status, parsed.data, `${said} (${response.status} ${code})${hint}`);
}

/** Undefined for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
