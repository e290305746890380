import type { Clock } from "#clock.ts";
import { ApiError, htmlPage, refusalBody } from "./errors.ts";
import { type Outcome, jsonAnswer } from "./exchange.ts";
import type { Fault } from "./faults.ts";

/**
 * What the client gets instead of the route's answer. A hang with a delay ends in a reset.
 * `signal` ends the delay early, when the server closes.
 */
export async function faultAnswer(
  fault: Fault,
  route: string,
  requestId: string,
  headers: Record<string, string>,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Outcome> {
  await delay(fault, clock, signal);
  if (fault.kind === "reset") return "reset";
  if (fault.kind === "hang") return fault.delay_ms === undefined ? "hang" : "reset";
  if (fault.kind === "html") {
    const status = fault.status ?? 504;
    const body = typeof fault.body === "string" ? fault.body : htmlPage(status);
    return { status, headers: { ...headers, "content-type": "text/html; charset=UTF-8", ...fault.headers }, body };
  }
  const status = fault.status ?? 500;
  const usual = status < 400 ? undefined : refusalBody(route, new ApiError(status), requestId);
  const answer = jsonAnswer(status, usual, { ...headers, ...fault.headers });
  if (fault.body === undefined) return answer;
  return { ...answer, body: typeof fault.body === "string" ? fault.body : JSON.stringify(fault.body) };
}

/** Holds the answer back for as long as the fault says. */
export async function delay({ delay_ms: ms }: Fault, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  if (ms === undefined) return;
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
