import { isDeepStrictEqual } from "node:util";
import { after } from "#clock.ts";
import type { Tx } from "#db/connection.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { PermanentError } from "#engine/failure.ts";
import { inTransaction, type InTransaction, snooze, type Snooze } from "#engine/step.ts";
import { lookAgain } from "./ambiguous.ts";
import { doubtedSince } from "./doubt.ts";
import { heldBy, type Io, type Kind } from "./kind.ts";
import { fresh, type Held, move, type NewRow, nobodys, note, open, type Owner } from "./ledger.ts";
import { removeRows } from "./remove.ts";
import { nextLook, sendWithinMs } from "./settling.ts";

export interface Asked<Handle, Spec> {
  readonly handle: Handle;
  /** Read before the intent is written: what cannot be asked for leaves none. */
  readonly spec: () => Promise<Spec>;
  readonly owner?: Owner;
}

/** What is there now: its id, and when the provider took it on. */
export interface Made {
  readonly id: string;
  readonly at: Date;
}

/** What the step writes in the transaction in which the ledger says that it is there. */
type Output<Result> = (made: Made, tx: Tx) => Promise<Result>;

/**
 * Makes something at the provider, once however often it is called and whatever dies meanwhile: an intent, one request,
 * and after an answer that is not clear looks, until it is found and adopted, or proven absent and asked for again
 * (rules 12 to 14). In a restored saga it is looked for first. Of two that are found the second is removed before this is done.
 * @throws {PermanentError} `create_unanswered` when no answer was clear until the step's deadline
 */
export async function ensure<Handle extends object, Spec, Seen, Result>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  asked: Asked<Handle, Spec>,
  output: Output<Result>,
): Promise<Snooze | InTransaction<Result>> {
  const held = await heldBy(io, kind);
  const [row, ...surplus] = held.filter(
    ({ origin, handle }) => origin === "made" && isDeepStrictEqual(handle, asked.handle),
  );
  if (!row) {
    const since = await doubtedSince(io, kind, asked.handle);
    if (!since) return send(io, kind, asked, output);
    const doubted = fresh({ ...begun(io, kind, asked), answered_at: since }, io.clock.now());
    await io.commit((tx) => open(tx, doubted));
    return settle(io, kind, asked, doubted, output);
  }
  if (row.phase === "sending") return settle(io, kind, asked, row, output);
  return (await removeRows(io, kind, surplus)) ?? standing(row, output);
}

const begun = <Handle extends object, Spec, Seen>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  { handle, owner = nobodys }: Asked<Handle, Spec>,
): NewRow<Handle> => ({
  ...owner,
  id: io.ids.uuid(),
  kind: kind.name,
  saga_id: io.saga.id,
  step: io.step,
  handle,
  origin: "made",
  phase: "sending",
});

async function send<Handle extends object, Spec, Seen, Result>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  asked: Asked<Handle, Spec>,
  output: Output<Result>,
): Promise<Snooze | InTransaction<Result>> {
  const spec = await asked.spec();
  await io.digitalOcean.turn(io.call(io.signal));
  const now = io.clock.now();
  const notAfter = after(now, sendWithinMs);
  const row = fresh({ ...begun(io, kind, asked), not_after: notAfter }, now);
  await io.commit((tx) => open(tx, row));
  try {
    const id = await kind.create(io, asked.handle, spec, io.call(io.signal, { notAfter }));
    const at = io.clock.now();
    if (id === undefined) {
      await io.commit(async (tx) => void (await note(tx, row, { answered_at: at })));
      return snooze(nextLook({ ...row, answered_at: at }, at, io.timing), `the ${kind.called} that was asked for`);
    }
    return inTransaction(async (tx) => {
      await move(tx, row, "there", at, { provider_id: id, answered_at: at });
      return output({ id, at }, tx);
    });
  } catch (error) {
    if (!(error instanceof DigitalOceanError) || io.signal.aborted) throw error;
    return answered(io, kind, row, error);
  }
}

/** What an error that came back instead says of it. @throws the error when it says that nothing was done */
async function answered<Handle extends object, Spec, Seen>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  row: Held<Handle>,
  error: DigitalOceanError,
): Promise<Snooze> {
  const at = io.clock.now();
  if (error.effect === "none") {
    const facts = { answered_at: at, requestId: error.requestId };
    await io.commit(async (tx) => void (await move(tx, row, "refused", at, facts)));
    throw error;
  }
  await io.commit(async (tx) => void (await note(tx, row, { answered_at: at })));
  await io.note(
    `The create of the ${kind.called} was not clearly answered (${error.message}); looking for what it may have made`,
  );
  return snooze(nextLook({ ...row, answered_at: at }, at, io.timing), settling(kind));
}

const settling = ({ called }: { readonly called: string }): string =>
  `an unclear answer to the create of the ${called} to settle`;

/** Looks for what an earlier, unclear create made: adopts it, or once it is proven absent creates again. */
async function settle<Handle extends object, Spec, Seen, Result>(
  io: Io,
  kind: Kind<Handle, Spec, Seen>,
  asked: Asked<Handle, Spec>,
  row: Held<Handle>,
  output: Output<Result>,
): Promise<Snooze | InTransaction<Result>> {
  const looked = await lookAgain(io, kind, row);
  if (looked instanceof Date) return snooze(looked, `what the create of the ${kind.called} has made`);
  const [chosen, ...surplus] = looked;
  if (chosen) {
    // Whether the answer was unclear, or clear and without an id, as some always are: it is no fault.
    await io.note(`The ${kind.called} that was asked for is there: ${chosen.provider_id}`);
    return (await removeRows(io, kind, surplus)) ?? standing(chosen, output);
  }
  if (io.clock.now() >= io.deadline)
    throw new PermanentError(
      "create_unanswered",
      `No create of the ${kind.called} was answered clearly in all the time there was`,
    );
  return send(io, kind, asked, output);
}

/** It is there, and the ledger says so already. */
function standing<Handle, Result>(row: Held<Handle>, output: Output<Result>): InTransaction<Result> {
  const { provider_id: id, answered_at: answeredAt, not_after: notAfter, created_at: begunAt } = row;
  if (id === null) throw new Error(`Row ${row.id} of the ledger is ${row.phase} and has no id`);
  // Whose answer is not known was taken on at the latest when it was not sent any more.
  return inTransaction((tx) => output({ id, at: answeredAt ?? notAfter ?? begunAt }, tx));
}
