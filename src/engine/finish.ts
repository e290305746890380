import { asError, change, type ClaimedSaga, isGoingBack } from "./claimed-saga.ts";
import type { Engine } from "./engine.ts";
import type { SagaEvent, SagaPatch } from "./rows.ts";

const nothingHeld: SagaPatch = { lease_owner: null, due_at: null, watching: null, waiting_for: null };

/** Ends the saga well: all steps done, or all undone. */
export function finish<Io>(claimed: ClaimedSaga<Io>, status: "completed" | "rolled_back", now: Date): ClaimedSaga<Io> {
  const ended = change(claimed, { ...nothingHeld, status, finished_at: now }, [{ type: "saga", data: { status } }]);
  return { ...ended, remark: { ended: status } };
}

/**
 * Stops the saga and alerts: what is left to do needs a human, who retries or resolves it. Why it turned back, if it
 * did, stays its error: `error` is what it is stuck on.
 */
export function callForHelp<Io>(
  claimed: ClaimedSaga<Io>,
  error: { readonly code: string; readonly message: string; readonly step?: string },
): ClaimedSaga<Io> {
  const stuck: SagaEvent = { type: "saga", data: { status: "stuck", error, stuck_error: error } };
  const told = asError(error);
  const patch: SagaPatch = {
    ...nothingHeld,
    status: "stuck",
    stuck_error: told,
    ...(!isGoingBack(claimed) && { error: told }),
  };
  return { ...change(claimed, patch, [stuck]), remark: { stuck: error } };
}

/** Says what has become of the saga, once it is written. */
export async function sayWhatBecame<Io>(engine: Engine<Io>, { saga, remark }: ClaimedSaga<Io>): Promise<void> {
  if (!remark) return;
  const facts = { saga_id: saga.id, saga: saga.name };
  if ("ended" in remark) return engine.log.info({ ...facts, status: remark.ended }, "A saga ended");
  if ("unknown" in remark)
    return engine.log.warn(
      { ...facts, step: remark.unknown },
      `This release does not know step ${remark.unknown} of ${saga.name}: it is given back`,
    );
  const { code, message, step } = remark.stuck;
  const left = await engine.leaves(engine.db, saga.id);
  engine.log.error(
    { ...facts, step, code, ...left },
    `A saga is stuck: ${message}. Mend the cause, then retry it; or do by hand what is left and resolve it`,
  );
}
