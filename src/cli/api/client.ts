import type { z } from "zod";
import type { Cli } from "#cli/cli.ts";
import { Failure } from "#cli/failure.ts";
import { type Address, findAddress } from "./address.ts";
import { ApiError, NoAnswer } from "./api-error.ts";
import { noAnswer, parseJson, type Request, request } from "./request.ts";

/** `json` is the body exactly as it came, `value` what this release knows of it. */
export interface Answer<Value> {
  readonly value: Value;
  readonly json: unknown;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Api {
  readonly address: Address;
  get<S extends z.ZodType>(path: string, schema: S, query?: Query): Promise<Answer<z.infer<S>>>;
  /** Carries an Idempotency-Key: after a lost connection it is asked again and still done once. */
  post<S extends z.ZodType>(path: string, schema: S, body?: object): Promise<Answer<z.infer<S>>>;
  patch<S extends z.ZodType>(path: string, schema: S, body: object): Promise<Answer<z.infer<S>>>;
  delete<S extends z.ZodType>(path: string, schema: S, query?: Query): Promise<Answer<z.infer<S>>>;
}

const requestMs = 30_000;
const tries = 4;

/** A client of the API that the configuration names. */
export async function openApi(cli: Cli): Promise<Api> {
  const address = await findAddress(cli);
  const send = async <S extends z.ZodType>(what: Omit<Request, "signal">, schema: S) => {
    const response = await request(address, { ...what, signal: cli.clock.timeout(requestMs) });
    const text = await response.text().catch((error: unknown) => {
      throw noAnswer(address.url, error);
    });
    return read(address, what, schema, text);
  };
  const repeated = async <Value>(once: () => Promise<Value>): Promise<Value> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once();
      } catch (error) {
        if (attempt === tries || !mayRepeat(error)) throw error;
        await cli.clock.sleep(250 * 2 ** attempt);
      }
    }
  };
  return {
    address,
    get: (path, schema, query) => repeated(() => send({ method: "GET", path: withQuery(path, query) }, schema)),
    post(path, schema, body) {
      const headers = { "idempotency-key": cli.ids.uuid() };
      return repeated(() => send({ method: "POST", path, body, headers }, schema));
    },
    patch: (path, schema, body) => send({ method: "PATCH", path, body }, schema),
    delete: (path, schema, query) => send({ method: "DELETE", path: withQuery(path, query) }, schema),
  };
}

/** A refused connection is not worth another try: nothing listens there. */
const mayRepeat = (error: unknown): boolean =>
  (error instanceof NoAnswer && !error.refused) ||
  (error instanceof ApiError && error.problem?.code === "idempotency_in_flight");

/** Where in the answer: `items.0.status`. */
const where = ({ path }: z.core.$ZodIssue): string => path.join(".") || "the whole answer";

function withQuery(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** Of a list of another release each item may be odd in many places: a few of them tell which release it is. */
function theFirst(places: readonly string[], shown = 3): string {
  const more = places.length - shown;
  return places.slice(0, shown).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function read<S extends z.ZodType>(
  address: Address,
  { method, path }: Omit<Request, "signal">,
  schema: S,
  text: string,
): Answer<z.infer<S>> {
  const json = text === "" ? undefined : parseJson(text);
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data, json };
  throw new Failure(
    `${address.url} answered ${method} ${path} with something this release does not understand: ` +
      `are the server and the CLI of one version? It is about ${theFirst(parsed.error.issues.map(where))}`,
    { cause: parsed.error },
  );
}
