import { z } from "zod";
import { DigitalOceanError, reasonFor } from "./errors.ts";
import type { Answer } from "./exchange.ts";
import { redact } from "./redact.ts";
import type { Request } from "./request.ts";

const problem = z.object({ id: z.string(), message: z.string(), request_id: z.string().optional() });
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
  const { method, route } = request;
  const { status } = answer;
  const body = parseJson(answer.text);
  const about = { method, route, status, requestId: requestIdOf(answer) };
  const maybe = method === "GET" ? "none" : "unknown";

  if (status >= 400) {
    const told = redact(tellOf(body) ?? `a body of type ${typeOf(answer)}`, secrets);
    const known = problem.safeParse(body);
    const id = known.success ? redact(known.data.id, secrets) : undefined;
    throw new DigitalOceanError(`DigitalOcean answered ${status}${id ? ` ${id}` : ""}: ${told}`, {
      ...about,
      id,
      detail: told,
      requestId: about.requestId ?? (known.success ? known.data.request_id : undefined),
      // A droplet's absence is believed from DigitalOcean only, not from a proxy or a wrong base URL.
      reason: status === 404 && !known.success ? "unexpected_answer" : reasonFor(status, told),
      effect: status < 500 ? "none" : maybe,
      retryAt,
    });
  }
  const odd = { ...about, reason: "unexpected_answer", effect: maybe } as const;
  if (status < 200 || status >= 300) {
    throw new DigitalOceanError(`DigitalOcean answered ${status}, which was not followed`, odd);
  }
  if (body === unparseable) {
    throw new DigitalOceanError(
      `DigitalOcean answered ${status} with a body of type ${typeOf(answer)} that is not JSON`,
      odd,
    );
  }
  const parsed = request.schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((it) => `${it.path.join(".") || "the body"}: ${it.message}`);
  throw new DigitalOceanError(
    `DigitalOcean answered ${status} with a body that is not understood (${faults.slice(0, 3).join("; ")})`,
    { ...odd, cause: parsed.error },
  );
}

export const requestIdOf = (answer: Answer): string | undefined => answer.headers.get("x-request-id") ?? undefined;

const typeOf = (answer: Answer): string => answer.headers.get("content-type") ?? "no stated type";

const unparseable = Symbol("not JSON");

/** An empty body is `undefined`. What is wrong with a body that is not JSON is not told: it could be anything. */
function parseJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return unparseable;
  }
}

function tellOf(body: unknown): string | undefined {
  const known = problem.safeParse(body);
  if (known.success) return known.data.message;
  const tag = tagProblem.safeParse(body);
  return tag.success ? tag.data.error : undefined;
}
