import type { Attempt } from "#engine/step.ts";
import type { StepContext } from "../step-context.ts";

/** Whether one of these steps of the saga has asked for a change, and was not clearly refused. */
export async function isChangedBy(
  io: Pick<StepContext, "db"> & Pick<Attempt<never>, "saga">,
  steps: readonly string[],
): Promise<boolean> {
  const change = await io.db
    .selectFrom("provider_changes")
    .select("id")
    .where("saga_id", "=", io.saga.id)
    .where("step", "in", steps)
    .where("phase", "!=", "refused")
    .limit(1)
    .executeTakeFirst();
  return change !== undefined;
}
