import type { z } from "zod";
import { readiness } from "#api/health.ts";
import { paths } from "#api/paths.ts";
import { problem } from "#api/problem.ts";
import { type Token, token as tokenSchema } from "#api/tokens.ts";
import type { Connection } from "#dashboard/live/connection.ts";
import type { Session } from "#dashboard/session/session.ts";
import { Misunderstood, NoAnswer, Refused } from "./failures.ts";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface Change<S extends z.ZodType> {
  readonly method: "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly schema: S;
  readonly body?: object;
  /** Sent with a POST: asking again with the same key is done once. */
  readonly key?: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** The API of the server that this page came from. */
export interface Server {
  /** @throws {Refused} {NoAnswer} {Misunderstood} */
  get<S extends z.ZodType>(path: string, schema: S, query?: Query, signal?: AbortSignal): Promise<z.infer<S>>;
  /** @throws {Refused} {NoAnswer} {Misunderstood} */
  change<S extends z.ZodType>(change: Change<S>): Promise<z.infer<S>>;
  /** A saga's events after a sequence, as they come. */
  events(path: string, after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /** Whose token this is; the session is left as it is. */
  whoIs(token: string): Promise<Token>;
  /** Also when it is not ready. */
  readiness(): Promise<z.infer<typeof readiness>>;
}

export function createServerClient(session: Session, connection: Connection): Server {
  const ask = async (path: string, init: Asked): Promise<Response> => {
    const { token } = session.get();
    if (token === null) throw new Refused(401, undefined);
    const response = await answerTo(connection, path, token, init);
    if (response.ok) return response;
    const refused = await refusal(response);
    if (response.status === 401) session.refused(token, refused.problem?.title ?? "The token is not accepted any more");
    throw refused;
  };
  return {
    get: async (path, schema, query, signal) =>
      read(schema, await ask(withQuery(path, query), { ...(signal && { signal }) })),
    change: async ({ method, path, schema, body, key }) => {
      const headers = {
        ...(body && { "content-type": "application/json" }),
        ...(key !== undefined && { "idempotency-key": key }),
      };
      return read(schema, await ask(path, { method, headers, ...(body && { body: JSON.stringify(body) }) }));
    },
    async events(path, after, signal) {
      const headers = { accept: "text/event-stream", "last-event-id": `${after}` };
      const { body } = await ask(path, { headers, signal });
      if (!body) throw new NoAnswer("The server answered with an empty stream");
      return body;
    },
    async whoIs(token) {
      const response = await answerTo(connection, paths.self, token, {});
      if (!response.ok) throw await refusal(response);
      return read(tokenSchema, response);
    },
    async readiness() {
      const response = await answerTo(connection, paths.readiness, undefined, {});
      if (!response.ok && response.status !== 503) throw await refusal(response);
      return read(readiness, response);
    },
  };
}

async function answerTo(
  connection: Connection,
  path: string,
  token: string | undefined,
  init: Asked,
): Promise<Response> {
  try {
    const response = await fetch(path, {
      ...init,
      headers: { ...init.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
    });
    connection.answered();
    return response;
  } catch (error) {
    if (init.signal?.aborted) throw error;
    connection.failed();
    throw new NoAnswer("The server does not answer. It may have done what was asked; look before asking again", {
      cause: error,
    });
  }
}

async function refusal(response: Response): Promise<Refused> {
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = problem.safeParse(body);
  return new Refused(response.status, parsed.data);
}

async function read<S extends z.ZodType>(schema: S, response: Response): Promise<z.infer<S>> {
  const body: unknown = response.status === 204 ? undefined : await response.json();
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Misunderstood("The server is of another version than this page. Reload the page", { cause: parsed.error });
}

function withQuery(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, `${value}`]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
