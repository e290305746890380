import type { Tx } from "#db/connection.ts";
import type { Engine } from "./engine.ts";
import type { SagaEvent, SagaPatch } from "./store.ts";
import { change, type Turn, write } from "./turn.ts";

const nothingHeld: SagaPatch = {
  lease_owner: null,
  lease_expires_at: null,
  wake_at: null,
  watching: null,
  waiting_for: null,
};

/** Ends the saga well: all steps done, or all undone. */
export async function finish<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Turn<Io>,
  status: "completed" | "rolled_back",
): Promise<undefined> {
  const now = engine.clock.now();
  const patch = { ...nothingHeld, status, finished_at: now };
  await write(tx, change(turn, patch, [{ type: "saga", data: { status } }]), now);
  await engine.wakeUps.complete(tx, turn.saga.id, turn.jobId);
  engine.log.info({ saga_id: turn.saga.id, saga: turn.saga.name, status }, "A saga ended");
}

/**
 * Stops the saga and alerts: what is left to do needs a human, who retries or resolves it. Why it turned back, if it
 * did, stays its error: `error` is what it is stuck on.
 */
export async function callForHelp<Io>(
  engine: Engine<Io>,
  tx: Tx,
  turn: Turn<Io>,
  error: { readonly code: string; readonly message: string; readonly step?: string },
): Promise<undefined> {
  const stuck: SagaEvent = { type: "saga", data: { status: "stuck", error, stuck_error: error } };
  const told = JSON.stringify(error);
  const back = (turn.patch.direction ?? turn.saga.direction) === "back";
  const patch: SagaPatch = { ...nothingHeld, status: "stuck", stuck_error: told, ...(!back && { error: told }) };
  await write(tx, change(turn, patch, [stuck]), engine.clock.now());
  await engine.wakeUps.complete(tx, turn.saga.id, turn.jobId);
  const left = await engine.leaves(tx, turn.saga.id);
  engine.log.error(
    { saga_id: turn.saga.id, saga: turn.saga.name, step: error.step, code: error.code, ...left },
    `A saga is stuck: ${error.message}. Mend the cause, then retry it; or do by hand what is left and resolve it`,
  );
}
