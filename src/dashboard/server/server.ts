import type { z } from "zod";
import { readiness } from "#api/health.ts";
import { paths } from "#api/paths.ts";
import { problem } from "#api/problem.ts";
import { type Token, token as tokenSchema } from "#api/tokens.ts";
import type { Connection } from "#dashboard/live/connection.ts";
import type { Session } from "#dashboard/session/session.ts";
import type { BrowserClock } from "#dashboard/time/browser-clock.ts";
import { type Asked, exchange } from "./exchange.ts";
import { Misunderstood, Refused } from "./failures.ts";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface Change<S extends z.ZodType> {
  readonly method: "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly schema: S;
  readonly body?: object;
  /** Sent with a POST: asking again with the same key is done once. */
  readonly key?: string;
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

export function createServerClient(session: Session, connection: Connection, clock: BrowserClock): Server {
  const line = { connection, clock };
  const ask = async <Taken>(
    path: string,
    asked: Asked,
    take: (response: Response) => Promise<Taken>,
  ): Promise<Taken> => {
    const { token } = session.get();
    if (token === null) throw new Refused(401, undefined);
    try {
      return await exchange(line, path, signed(asked, token), async (response) => {
        if (!response.ok) throw await refusal(response);
        return take(response);
      });
    } catch (error) {
      if (error instanceof Refused && error.status === 401)
        session.refused(token, error.problem?.title ?? "The token is not accepted any more");
      throw error;
    }
  };
  return {
    get: (path, schema, query, signal) => ask(withQuery(path, query), { signal }, (response) => read(schema, response)),
    change({ method, path, schema, body, key }) {
      const headers = {
        ...(body && { "content-type": "application/json" }),
        ...(key !== undefined && { "idempotency-key": key }),
      };
      const asked = { method, headers, ...(body && { body: JSON.stringify(body) }) };
      return ask(path, asked, (response) => read(schema, response));
    },
    events(path, after, signal) {
      const headers = { accept: "text/event-stream", "last-event-id": `${after}` };
      return ask(path, { headers, signal }, async ({ body }) => {
        if (!body) throw new Misunderstood("The server answered with an empty stream");
        return body;
      });
    },
    whoIs: (token) =>
      exchange(line, paths.self, signed({}, token), async (response) => {
        if (!response.ok) throw await refusal(response);
        return read(tokenSchema, response);
      }),
    readiness: () =>
      exchange(line, paths.readiness, {}, async (response) => {
        if (!response.ok && response.status !== 503) throw await refusal(response);
        return read(readiness, response);
      }),
  };
}

const signed = (asked: Asked, token: string): Asked => ({
  ...asked,
  headers: { ...asked.headers, authorization: `Bearer ${token}` },
});

async function refusal(response: Response): Promise<Refused> {
  const parsed = problem.safeParse(jsonIn(await response.text()));
  return new Refused(response.status, parsed.data);
}

async function read<S extends z.ZodType>(schema: S, response: Response): Promise<z.infer<S>> {
  const parsed = schema.safeParse(response.status === 204 ? undefined : jsonIn(await response.text()));
  if (parsed.success) return parsed.data;
  throw new Misunderstood("The server is of another version than this page. Reload the page", { cause: parsed.error });
}

/** Undefined when it is none: a proxy may have answered in the server's place. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withQuery(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, `${value}`]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
