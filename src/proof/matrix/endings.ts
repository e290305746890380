import { SagaRefusal } from "#engine/refusal.ts";
import { remove } from "#operations/delete-deployment.ts";
import { Refusal } from "#refusal.ts";
import { endedStatuses } from "#saga-ended.ts";
import type { Stage } from "../stage/stage.ts";

/** In virtual time: all deadlines of a saga, its rollback's included, lie before it. */
const longestMs = 4 * 3_600_000;

/** Until no wake-up is left: everything has ended, or waits for a human. */
export async function untilEnded({ scheduler, isQuiet }: Stage): Promise<void> {
  const latest = scheduler.now() + longestMs;
  await scheduler.run(async () => (await isQuiet()) || scheduler.now() > latest);
}

/** Until a look at the account, and all that follows from it, has been seen to. */
export async function seenTo(stage: Stage, ms: number): Promise<void> {
  await stage.perform(stage.db.transaction().execute((tx) => stage.chores.requestChore(tx, "sync")));
  await untilSettled(stage, ms);
}

/** A sync, the absence, the looks between and the record: until what somebody has destroyed is seen to. */
const seenToMs = 33 * 60_000;

/** Until whatever was destroyed behind our back is seen to. */
export const untilSeenTo = (stage: Stage): Promise<void> => untilQuietFor(stage, seenToMs);

/** For so long, and until no saga is due. */
export async function untilQuietFor({ scheduler, isQuiet }: Stage, ms: number): Promise<void> {
  const end = scheduler.now() + ms;
  await scheduler.run(async () => scheduler.now() > end && isQuiet());
}

/** Until what was sent may have had its effect and can be seen. */
export async function untilSettled({ scheduler, timing }: Stage, moreMs: number): Promise<void> {
  const settled = scheduler.now() + timing.settle + 2 * timing.poll + moreMs;
  await scheduler.run(() => scheduler.now() > settled);
}

/**
 * Deletes the deployment that is being provisioned, or cancels whatever other saga runs: as an operator would, whatever goes on.
 * @param first the saga that is meant, where several run
 * @returns whether it was accepted
 */
export async function cancelLive(stage: Stage, first?: string): Promise<boolean> {
  try {
    return await stage.db.transaction().execute(async (tx) => {
      const live = await tx
        .selectFrom("sagas")
        .select(["id", "name", "deployment_id"])
        .where("status", "not in", endedStatuses)
        .orderBy(
          (row) => row("id", "=", first ?? null),
          (order) => order.desc().nullsLast(),
        )
        .executeTakeFirst();
      const asker = { tenantId: null, now: new Date(stage.scheduler.now()) };
      if (live?.deployment_id && live.name === "provision_deployment")
        await remove(tx, stage.sagas, live.deployment_id, { ...asker, destroysPerHour: Infinity });
      else if (live) await stage.sagas.cancel(tx, live.id, "a trial");
      return live !== undefined;
    });
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof SagaRefusal)) stage.scheduler.fail(error);
    return false;
  }
}

/** Whether a saga waits for somebody to lead a record elsewhere that is theirs. */
export async function isAskedFor({ db }: Stage): Promise<boolean> {
  const waits = db.selectFrom("sagas").select("id").where("waiting_for", "like", "%nobody but you removes it%");
  return (await waits.execute()).length > 0;
}
