import type { Log } from "#log.ts";
import { requestIdOf, valueOf } from "./answer.ts";
import { type Budget, unbudgeted } from "./budget.ts";
import type { Call } from "./call.ts";
import { DigitalOceanError } from "./errors.ts";
import { type Answer, exchange, tooLate, type Wire } from "./exchange.ts";
import { blockedUntil, remainingOf, retryAtOf } from "./rate-limit-headers.ts";
import { pathOf, type Request } from "./request.ts";

export interface Line extends Wire {
  readonly budget: Budget;
  readonly log: Log;
}

/**
 * One request, once: takes its place in the budget, sends it, records how it went, judges the answer.
 * @throws {DigitalOceanError}; errors of our database and the signal's reason pass through, with nothing sent.
 */
export async function attempt<T>(line: Line, request: Request<T>, call: Call): Promise<T> {
  const { clock, budget, log } = line;
  const { method, route } = request;
  const { sagaId } = call;
  const path = pathOf(request);
  const reservation = call.unbudgeted
    ? unbudgeted(clock.now())
    : await budget.reserve({ ...call, method, route }, call.signal);
  const refusal = tooLate(clock, request, call);
  if (refusal) {
    await reservation.release();
    throw refusal;
  }

  let answer: Answer | undefined;
  let blocked: Date | undefined;
  let failure: unknown;
  try {
    answer = await exchange(line, request, path, call);
    // One moment for both: whoever asked and all others are told the same.
    const now = clock.now();
    blocked = blockedUntil(answer, now);
    return valueOf(request, answer, [line.token, ...(request.secrets ?? [])], retryAtOf(answer, now));
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    const requestId = answer && requestIdOf(answer);
    const fields = {
      route: `${method} ${route}`,
      status: answer?.status,
      reason: failure instanceof DigitalOceanError ? failure.reason : undefined,
      ms: clock.now().getTime() - reservation.at.getTime(),
      request_id: requestId,
      saga_id: sagaId,
    };
    log.debug(fields, "Asked DigitalOcean");
    await reservation
      .done({
        status: answer?.status,
        requestId,
        error: failure instanceof Error ? failure.message : undefined,
        remaining: answer && remainingOf(answer),
        blockedUntil: blocked,
      })
      .catch((err: unknown) => {
        // The answer stands even so: a create that succeeded must not look like one that failed.
        log.warn({ ...fields, err }, "A request was made, but how it went could not be recorded");
      });
  }
}
