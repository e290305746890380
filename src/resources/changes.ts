import type { Selectable } from "kysely";
import { after } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { ProviderChanges } from "#db/schema.ts";
import { recheckAfterMs } from "./rechecks.ts";

/** A change of something that is there. */
export type Change = Selectable<ProviderChanges>;
export type ChangePhase = Change["phase"];
type Facts = Partial<Omit<Change, "id" | "resource_id" | "aspect" | "phase" | "was" | "goal" | "back">>;

/** Every move there is. `left`: somebody else has acted meanwhile, or an operator by hand, and what they made of it is left to them. */
const moves: Readonly<Record<ChangePhase, readonly ChangePhase[]>> = {
  sending: ["reached", "refused", "returning", "returned", "left"],
  reached: ["returning", "returned", "left"],
  returning: ["returned", "left"],
  refused: [],
  returned: [],
  left: [],
};

export const mayChange = (from: ChangePhase, to: ChangePhase): boolean => moves[from].includes(to);

/** Begins a change. The caller holds the saga's row. */
export async function openChange(tx: Tx, change: Change): Promise<void> {
  const { was, goal, back } = change;
  const json = {
    was: JSON.stringify(was),
    goal: JSON.stringify(goal),
    back: back === null ? null : JSON.stringify(back),
  };
  await tx
    .insertInto("provider_changes")
    .values({ ...change, ...json })
    .execute();
}

/** Brings a change on. @throws when it has been brought elsewhere since, or may not go there */
export async function moveChange(tx: Tx, change: Change, phase: ChangePhase, facts: Facts = {}): Promise<Change> {
  if (phase !== change.phase && !mayChange(change.phase, phase))
    throw new Error(`Change ${change.id} of ${change.aspect} is ${change.phase} and cannot become ${phase}`);
  const { numUpdatedRows } = await tx
    .updateTable("provider_changes")
    .set({ ...facts, phase })
    .where("id", "=", change.id)
    .where("phase", "=", change.phase)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) {
    const now = await tx.selectFrom("provider_changes").select("phase").where("id", "=", change.id).executeTakeFirst();
    // Said twice is said once.
    if (now?.phase !== phase)
      throw new Error(`Change ${change.id} of ${change.aspect} is ${now?.phase ?? "not there"}, not ${change.phase}`);
  }
  return { ...change, ...facts, phase };
}

/**
 * An operator has seen by hand to what these steps of the saga could not bring, or bring back: what they have asked for is
 * looked at again, as what was given up on is (rule 25).
 */
export async function leaveChanges(
  tx: Tx,
  sagaId: string,
  { steps, back }: { readonly steps: readonly string[]; readonly back: boolean },
  at: Date,
): Promise<void> {
  if (steps.length === 0) return;
  await tx
    .updateTable("provider_changes")
    .set({ phase: "left", recheck_at: after(at, recheckAfterMs[0]) })
    .where("saga_id", "=", sagaId)
    .where("step", "in", steps)
    .where("phase", "in", back ? ["sending", "reached", "returning"] : ["sending"])
    .execute();
}

/** Has what this saga has changed of the thing looked at again then: more was asked for, without a clear answer. */
export async function recheckChange(
  tx: Db | Tx,
  of: { readonly kind: string; readonly id: string; readonly aspect: string; readonly saga_id: string },
  at: Date,
): Promise<void> {
  await tx
    .updateTable("provider_changes")
    .set({ recheck_at: at })
    .where("aspect", "=", of.aspect)
    .where("saga_id", "=", of.saga_id)
    .where("resource_id", "in", (held) =>
      held.selectFrom("provider_resources").select("id").where("kind", "=", of.kind).where("provider_id", "=", of.id),
    )
    .execute();
}

/** The step's newest change of this; one that was refused is none. */
export const changeOf = (
  db: Db | Tx,
  resource: { readonly id: string },
  aspect: string,
  step: { readonly saga_id: string; readonly step: string },
): Promise<Change | undefined> =>
  db
    .selectFrom("provider_changes")
    .selectAll()
    .where("resource_id", "=", resource.id)
    .where("aspect", "=", aspect)
    .where("saga_id", "=", step.saga_id)
    .where("step", "=", step.step)
    .where("phase", "!=", "refused")
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirst();
