import type { Ids } from "#ids.ts";
import { attempt, type Line } from "./attempt.ts";
import { longestWaitMs } from "./budget.ts";
import type { Call } from "./call.ts";
import { DigitalOceanError, type Reason } from "./errors.ts";
import type { Request } from "./request.ts";

export interface Http {
  /**
   * Sends a request and returns what its schema makes of the answer. GET, PUT and DELETE are tried up to three
   * times, one marked `once` only while it surely did nothing; a POST is sent once, whatever happens to it (rule 14).
   * The one exception is not ours: fetch repeats a 421 once by its own standard, an answer by which the request was
   * not looked at (RFC 9110, 15.5.20).
   * @throws {DigitalOceanError}
   */
  send<T>(request: Request<T>, call: Call): Promise<T>;
}

const tries = 3;
/** The pause before the second try is random up to this, and up to twice as much before each further one. */
const pauseMs = 500;
const passing: ReadonlySet<Reason> = new Set(["unreachable", "timeout", "server_error"]);

export function createHttp(options: Line & { readonly ids: Ids }): Http {
  const { clock, ids } = options;

  return {
    async send(request, call) {
      let pause: number | undefined;
      let uncertain = false;
      for (let trial = 1; ; trial += 1) {
        try {
          if (pause !== undefined) await clock.sleep(pause, call.signal);
          return await attempt(options, request, call);
        } catch (cause) {
          const error = asOurs(cause, request, call);
          if (!(error instanceof DigitalOceanError)) throw error;
          if (error.effect === "unknown") call.onUnclear?.();
          if (trial === tries || !mayRepeat(request, error)) throw uncertain ? inDoubt(error) : error;
          uncertain ||= error.effect === "unknown";
          // After a 429 it is the budget that makes the next try wait.
          const isBudgets = error.reason === "rate_limited";
          pause = isBudgets ? undefined : Math.max(untilRetry(error), ids.random() * pauseMs * 2 ** (trial - 1));
        }
      }
    },
  };

  /** Only when the time that the answer names, if it does, is near; a later one is the caller's to wait for. */
  function mayRepeat({ once }: Request<unknown>, error: DigitalOceanError): boolean {
    if (error.method === "POST" || (once && error.effect === "unknown")) return false;
    if (untilRetry(error) > longestWaitMs) return false;
    return error.status === 429 ? error.retryAt !== undefined : passing.has(error.reason);
  }

  function untilRetry({ retryAt }: DigitalOceanError): number {
    return retryAt ? retryAt.getTime() - clock.now().getTime() : 0;
  }
}

/** What a wait throws when the caller gives up becomes our error; otherwise it is our database's, and stays so. */
function asOurs(error: unknown, { method, route, path }: Request<unknown>, call: Call): unknown {
  if (error instanceof DigitalOceanError || !call.signal?.aborted) return error;
  const fields = { method, route, path, reason: "aborted", effect: "none", cause: error } as const;
  return new DigitalOceanError("not sent, the caller gave up", fields);
}

/** A definite failure after a try of unknown outcome leaves the outcome unknown. */
function inDoubt(error: DigitalOceanError): DigitalOceanError {
  if (error.effect === "unknown" || error.method === "GET") return error;
  return new DigitalOceanError(`${error.reason} after an earlier try whose outcome is unknown`, {
    method: error.method,
    route: error.route,
    path: error.path,
    reason: error.reason,
    status: error.status,
    id: error.id,
    detail: error.detail,
    requestId: error.requestId,
    retryAt: error.retryAt,
    effect: "unknown",
    cause: error,
  });
}
