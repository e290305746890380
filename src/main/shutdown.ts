import { systemClock } from "#clock.ts";
import type { Log } from "#log.ts";

/** What becomes of what is left. */
const afterwards = "Sagas are taken up again by any worker as soon as their leases have run out: nothing is to be done";

/** Remembers how to end what was opened. */
export type Opened = <Part>(part: Part, close: (part: Part) => Promise<void>) => Part;

/**
 * Opens parts one after the other; `stop` ends them in the opposite order, and so does a failure on the way up.
 * A part that fails to end does not keep the others from ending.
 */
export async function openInTurn<Result extends object>(
  open: (opened: Opened) => Promise<Result>,
): Promise<Result & { stop(): Promise<void> }> {
  const closings: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    const errors: unknown[] = [];
    for (const close of closings.splice(0).toReversed()) await close().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw new AggregateError(errors, "Not everything could be stopped cleanly");
  };
  try {
    const result = await open((part, close) => {
      closings.push(() => close(part));
      return part;
    });
    return { ...result, stop: closeAll };
  } catch (error) {
    const second = await closeAll().then(
      () => undefined,
      (failure: unknown) => ({ failure }),
    );
    if (!second) throw error;
    const what = "The start failed, and so did the clean-up after it";
    throw new AggregateError([error, second.failure], what, { cause: error });
  }
}

/** Longer than what runs is given, and shorter than whoever asks waits before it kills. Milliseconds. */
const stopMs = 25_000;

/**
 * Resolves when the process is asked to end. A second signal ends it at once, and so does time: what waits for an answer that
 * never comes, of a frozen database mostly, would keep it for ever.
 */
export function untilAsked(log: Log, clock = systemClock): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      resolve(signal);
      process.once(signal, () => process.exit(130));
      clock.timeout(stopMs).addEventListener("abort", () => {
        log.fatal(
          `Not everything could be stopped within ${stopMs / 1000} s; the process ends all the same. ${afterwards}`,
        );
        process.exit(1);
      });
    });
  return promise.then((signal) => {
    log.info({ signal }, "Stopping; sagas are left where they can go on");
    return signal;
  });
}
