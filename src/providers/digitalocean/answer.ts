import { z } from "zod";
import { outsideText, shortened, wellFormed, wellFormedJson } from "#well-formed.ts";
import { DigitalOceanError, type Effect, type Reason, reasonFor } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import { longestRead, redact } from "./redact.ts";
import type { Request } from "./request.ts";

const problem = z.object({ id: z.string(), message: z.string(), request_id: z.string().nullish().catch(null) });
/** How POST /v2/tags words its 400. */
const tagProblem = z.object({ error: z.string() });

/**
 * The value in an answer.
 * @param secrets what must not appear in the error, should the answer quote it
 * @throws {DigitalOceanError} for every status outside 2xx, and for a 2xx whose body is not what it should be.
 */
export function valueOf<T>(
  request: Request<T>,
  answer: Answer,
  secrets: readonly string[],
  retryAt: Date | undefined,
): T {
  const { status, text } = answer;
  const type = typeOf(answer, secrets);
  const odd = { ...about(request, answer), reason: "unexpected_answer", effect: maybe(request), retryAt } as const;
  const told = `DigitalOcean answered ${status}`;
  if (text === undefined) throw new DigitalOceanError(`${told} with a body that is too long to be read`, odd);
  const body = parseJson(text);
  if (status >= 400) throw refusal(request, answer, body, { secrets, type, retryAt });
  if (status < 200 || status >= 300) throw new DigitalOceanError(`${told}, which was not followed`, odd);
  if (body === unparseable) throw new DigitalOceanError(`${told} with a body of type ${type} that is not JSON`, odd);
  const parsed = request.schema.safeParse(body);
  // Only now: what was asked for is compared with all that was told.
  if (parsed.success) return shortened(parsed.data);
  const faults = parsed.error.issues.map((it) => `${it.path.join(".") || "the body"}: ${it.message}`);
  throw new DigitalOceanError(
    `${told} with a body that is not understood (${quoted(faults.slice(0, 3).join("; "), secrets)})`,
    { ...odd, cause: parsed.error },
  );
}

/** What a body may be, in the words of everybody: they are told even where a secret holds them. */
const commonTypes: ReadonlySet<string> = new Set([
  "application/json",
  "application/problem+json",
  "application/xml",
  "application/octet-stream",
  "text/html",
  "text/plain",
  "text/xml",
]);

function typeOf(answer: Answer, secrets: readonly string[]): string {
  const stated = answer.headers.get("content-type");
  if (stated === null) return "no stated type";
  const type = (stated.split(";", 1)[0] ?? "").trim().toLowerCase();
  return commonTypes.has(type) ? type : quoted(stated, secrets);
}

interface Told {
  readonly secrets: readonly string[];
  /** What the answer says that its body is. */
  readonly type: string;
  readonly retryAt: Date | undefined;
}

function refusal(
  request: Request<unknown>,
  answer: Answer,
  body: unknown,
  { secrets, type, retryAt }: Told,
): DigitalOceanError {
  const { status } = answer;
  const known = problem.safeParse(body);
  const words = known.success ? known.data.message : tagProblem.safeParse(body).data?.error;
  const detail = words === undefined ? `a body of type ${type}` : quoted(words, secrets);
  const id = known.success ? quoted(known.data.id, secrets) : undefined;
  // By its own words: what a tenant's user_data says must not change what a refusal means.
  const reason = isTheirs(status, body) ? reasonFor(status, words?.slice(0, longestRead) ?? "") : "unexpected_answer";
  const fields = about(request, answer);
  return new DigitalOceanError(`DigitalOcean answered ${status}${id ? ` ${id}` : ""}: ${detail}`, {
    ...fields,
    id,
    detail,
    requestId: fields.requestId ?? (known.data?.request_id ? quoted(known.data.request_id, secrets) : undefined),
    reason,
    effect: didNothing(status, reason) ? "none" : maybe(request),
    retryAt,
  });
}

/** What these say of a request, they say from whomever they come. */
const fromAnybody: ReadonlySet<number> = new Set([401, 408, 425, 429, 499]);

/**
 * Whether it is DigitalOcean that refuses. A page of Cloudflare's, of a proxy's or behind a wrong base URL comes with
 * the same statuses and says nothing of the request: not that it is wrong, and not that a droplet is absent.
 */
function isTheirs(status: number, body: unknown): boolean {
  if (status >= 500 || fromAnybody.has(status) || problem.safeParse(body).success) return true;
  return status !== 404 && tagProblem.safeParse(body).success;
}

/** Whether an answer says for sure that the request changed nothing. */
const didNothing = (status: number, reason: Reason): boolean =>
  status < 500 && reason !== "unexpected_answer" && reason !== "timeout";

const maybe = ({ method }: Request<unknown>): Effect => (method === "GET" ? "none" : "unknown");

const about = ({ method, route, path }: Request<unknown>, answer: Answer) => ({
  method,
  route,
  path,
  status: answer.status,
  requestId: requestIdOf(answer),
});

/** Longer than any of DigitalOcean's, which are UUIDs. */
const longestRequestId = 200;

export function requestIdOf({ headers }: Answer): string | undefined {
  const id = headers.get("x-request-id");
  return id === null ? undefined : outsideText(id, longestRequestId);
}

/** A piece of an answer as an error may quote it: without secrets, of limited length, never half a character. */
const quoted = (text: string, secrets: readonly string[]): string => wellFormed(redact(wellFormed(text), secrets));

const unparseable = Symbol("not JSON");

/** An empty body is `undefined`. What is wrong with a body that is not JSON is not told: it could be anything. */
function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(wellFormedJson(text));
  } catch {
    return unparseable;
  }
}
