import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import { requestIdOf, valueOf } from "./answer.ts";
import { type Budget, longestWaitMs } from "./budget.ts";
import type { Call } from "./call.ts";
import { DigitalOceanError, type Reason } from "./errors.ts";
import { type Answer, exchange, type Wire } from "./exchange.ts";
import { blockedUntil, remainingOf } from "./rate-limit-headers.ts";
import type { Request } from "./request.ts";

export interface Http {
  /**
   * Sends a request and returns what its schema makes of the answer. GET, PUT and DELETE are tried up to three
   * times; a POST is sent once, whatever happens to it (rule 9).
   * @throws {DigitalOceanError}
   */
  send<T>(request: Request<T>, call: Call): Promise<T>;
}

export interface HttpOptions extends Wire {
  readonly ids: Ids;
  readonly budget: Budget;
  readonly log: Log;
}

const tries = 3;
/** The pause before try n + 1 is random up to this times 2^(n-1): full jitter. */
const pauseMs = 500;
const passing: ReadonlySet<Reason> = new Set(["unreachable", "timeout", "server_error"]);

export function createHttp(options: HttpOptions): Http {
  const { clock, ids } = options;

  async function send<T>(request: Request<T>, call: Call): Promise<T> {
    let uncertain = false;
    for (let trial = 1; ; trial += 1) {
      try {
        return await sendOnce(options, request, call);
      } catch (cause) {
        const error = asOurs(cause, request, call);
        if (!(error instanceof DigitalOceanError)) throw error;
        if (trial === tries || !mayRepeat(error)) throw uncertain ? inDoubt(error) : error;
        uncertain ||= error.effect === "unknown";
        // A 429 needs no pause here: the budget makes the next try wait.
        const pause = error.reason === "rate_limited" ? 0 : ids.random() * pauseMs * 2 ** (trial - 1);
        await clock.sleep(pause, call.signal).catch((aborted: unknown) => {
          throw asOurs(aborted, request, call);
        });
      }
    }
  }

  /** 429: only when the time it names is near; sooner would be refused, later is the caller's to wait for. */
  function mayRepeat(error: DigitalOceanError): boolean {
    if (error.method === "POST") return false;
    if (error.status !== 429) return passing.has(error.reason);
    return error.retryAt !== undefined && error.retryAt.getTime() - clock.now().getTime() <= longestWaitMs;
  }

  return { send };
}

/** Reserves, sends, records, judges. */
async function sendOnce<T>(options: HttpOptions, request: Request<T>, call: Call): Promise<T> {
  const { clock, budget, log } = options;
  const { method, route } = request;
  const reservation = await budget.reserve(
    { priority: call.priority, method, route, sagaId: call.sagaId },
    call.signal,
  );
  let answer: Answer | undefined;
  let retryAt: Date | undefined;
  let failure: DigitalOceanError | undefined;
  try {
    answer = await exchange(options, request, call);
    retryAt = blockedUntil(answer, clock.now());
    return valueOf(request, answer, [options.token, ...(request.secrets ?? [])], retryAt);
  } catch (error) {
    if (error instanceof DigitalOceanError) failure = error;
    throw error;
  } finally {
    const ms = clock.now().getTime() - reservation.at.getTime();
    const fields = {
      route: `${method} ${route}`,
      status: answer?.status,
      ms,
      request_id: answer && requestIdOf(answer),
      saga_id: call.sagaId,
    };
    log.debug({ ...fields, reason: failure?.reason }, "Asked DigitalOcean");
    // The answer counts even if our note of it fails: an unrecorded success must not become a failure.
    const noted = neverSent(failure)
      ? reservation.release()
      : reservation.done({
          status: answer?.status,
          requestId: answer && requestIdOf(answer),
          error: failure?.message,
          remaining: answer && remainingOf(answer),
          blockedUntil: retryAt,
        });
    await noted.catch((err: unknown) =>
      log.warn({ ...fields, err }, "A request was made but not recorded; it counts against the budget all the same"),
    );
  }
}

const neverSent = (failure: DigitalOceanError | undefined): boolean =>
  failure?.reason === "not_sent" || (failure?.reason === "aborted" && failure.effect === "none");

/** What a wait throws when the caller gives up becomes our error; other people's errors stay theirs. */
function asOurs(error: unknown, { method, route }: Request<unknown>, call: Call): unknown {
  if (error instanceof DigitalOceanError || !call.signal?.aborted) return error;
  return new DigitalOceanError("not sent, the caller gave up", {
    method,
    route,
    reason: "aborted",
    effect: "none",
    cause: error,
  });
}

/** A definite failure after a try of unknown outcome leaves the outcome unknown. */
function inDoubt(error: DigitalOceanError): DigitalOceanError {
  if (error.effect === "unknown" || error.method === "GET") return error;
  return new DigitalOceanError(`${error.reason} after an earlier try whose outcome is unknown`, {
    ...error,
    effect: "unknown",
    cause: error,
  });
}
