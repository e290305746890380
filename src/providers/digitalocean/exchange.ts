import type { Clock } from "#clock.ts";
import type { Call } from "./call.ts";
import { DigitalOceanError, type Effect } from "./errors.ts";
import { quotes } from "./redact.ts";
import type { Request } from "./request.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Wire {
  readonly baseUrl: string;
  readonly token: string;
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** Milliseconds until an exchange is given up, connecting and reading the body included. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Absent when there is more of it than we read. */
  readonly text: string | undefined;
}

/** Why a request must not be sent now, if so: `not_sent` because `notAfter` has passed, or `aborted`. */
export function tooLate(
  clock: Clock,
  { method, route, path }: Request<unknown>,
  call: Call,
): DigitalOceanError | undefined {
  const fields = { method, route, path, effect: "none" } as const;
  if (call.signal?.aborted) {
    const cause: unknown = call.signal.reason;
    return new DigitalOceanError("not sent, the caller gave up", { ...fields, reason: "aborted", cause });
  }
  // One that waited while the machine slept must not change anything late.
  if (method !== "GET" && clock.isDoubtful?.())
    return new DigitalOceanError("not sent, it is not known just now what time it is", {
      ...fields,
      reason: "not_sent",
    });
  if (call.notAfter && call.notAfter <= clock.now()) {
    const limit = call.notAfter.toISOString();
    return new DigitalOceanError(`not sent, it was not to be sent after ${limit}`, { ...fields, reason: "not_sent" });
  }
  return undefined;
}

/**
 * Sends one request once, to `path` below the base URL, and reads its answer, whatever its status.
 * Redirects are not followed, so the token goes nowhere but to the configured base URL.
 * @throws {DigitalOceanError} `aborted`, `timeout`, `unreachable`.
 */
export async function exchange(wire: Wire, request: Request<unknown>, path: string, call: Call): Promise<Answer> {
  const left = call.notAfter ? call.notAfter.getTime() - wire.clock.now().getTime() : wire.timeoutMs;
  // A process that was frozen runs its timers before its sockets: the abort comes before any byte is sent.
  const deadline = wire.clock.timeout(Math.max(0, Math.min(wire.timeoutMs, left)));
  try {
    const response = await wire.fetch(`${wire.baseUrl}${path}`, {
      method: request.method,
      headers: {
        authorization: `Bearer ${wire.token}`,
        accept: "application/json",
        "user-agent": "arcadia-cloud",
        ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      redirect: "manual",
      signal: call.signal ? AbortSignal.any([call.signal, deadline]) : deadline,
    });
    return { status: response.status, headers: response.headers, text: await textOf(response) };
  } catch (failure) {
    const { method, route } = request;
    const cause = withoutSecrets(failure, [wire.token, ...(request.secrets ?? [])]);
    const effect: Effect = method === "GET" ? "none" : "unknown";
    const fields = { method, route, path: request.path, effect, cause };
    if (call.signal?.aborted) throw new DigitalOceanError("the caller gave up", { ...fields, reason: "aborted" });
    if (deadline.aborted) throw new DigitalOceanError("no answer in time", { ...fields, reason: "timeout" });
    throw new DigitalOceanError(`the connection failed (${describe(failure)})`, {
      ...fields,
      reason: "unreachable",
      effect: neverConnected(failure) ? "none" : effect,
    });
  }
}

/** A page of 200 droplets has less than 1 MB; whatever is much longer is not what was asked for. */
const longestBody = 16 * 1024 * 1024;

/** The body as it comes out of its compression; undefined, and not read to its end, when it is too long. */
async function textOf({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    // Leaving the loop cancels the body, and with it the connection.
    if (length > longestBody) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** The chain of causes, outermost first; fetch wraps the socket's error in a TypeError. */
function* causes(error: unknown): Generator<Error> {
  for (let it = error; it instanceof Error; it = it.cause) {
    yield it;
    if (it instanceof AggregateError) for (const inner of it.errors) yield* causes(inner);
  }
}

const codeOf = (error: Error): string | undefined =>
  "code" in error && typeof error.code === "string" ? error.code : undefined;

/** Its code, or what kind of error it is: its message could quote anything of the request. */
const describe = (error: unknown): string =>
  [...causes(error)].map(codeOf).find((code) => code !== undefined) ?? kindOf(error);

const kindOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

/** An error as the cause of another one, which is logged: one that quotes a secret is told by its kind only. */
function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  const texts = [...causes(error)].flatMap(({ message, stack = "" }) => [message, stack]);
  return quotes(texts.join("\n"), secrets) ? new Error(`${kindOf(error)}, whose text is not told`) : error;
}

/** True when no connection was made, so that nothing can have been sent: refused, no such host, no route. */
function neverConnected(error: unknown): boolean {
  return [...causes(error)].some(
    (it) =>
      codeOf(it) === "UND_ERR_CONNECT_TIMEOUT" ||
      codeOf(it) === "ECONNREFUSED" ||
      ("syscall" in it && (it.syscall === "connect" || it.syscall === "getaddrinfo")),
  );
}
