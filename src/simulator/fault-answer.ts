import type { Clock } from "#clock.ts";
import { htmlPage, usualError } from "./errors.ts";
import { type Outcome, jsonAnswer } from "./exchange.ts";
import type { Fault } from "./faults.ts";

/**
 * What the client gets instead of the route's answer. A hang with a delay ends in a reset.
 * `signal` ends the delay early, when the server closes.
 */
export async function faultAnswer(
  fault: Fault,
  requestId: string,
  headers: Record<string, string>,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Outcome> {
  if (fault.delay_ms !== undefined) await pause(clock, fault.delay_ms, signal);
  if (fault.kind === "reset") return "reset";
  if (fault.kind === "hang") return fault.delay_ms === undefined ? "hang" : "reset";
  if (fault.kind === "html") {
    const status = fault.status ?? 504;
    const body = typeof fault.body === "string" ? fault.body : htmlPage(status);
    return { status, headers: { ...headers, "content-type": "text/html; charset=UTF-8", ...fault.headers }, body };
  }
  const status = fault.status ?? 500;
  const answer = jsonAnswer(status, { ...usualError(status), request_id: requestId }, { ...headers, ...fault.headers });
  if (fault.body === undefined) return answer;
  return { ...answer, body: typeof fault.body === "string" ? fault.body : JSON.stringify(fault.body) };
}

async function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
