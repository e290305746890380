import { hasEnded } from "#saga-ended.ts";
import { after, type Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import type { SeenDroplet } from "#inventory/sightings.ts";
import type { Log } from "#log.ts";
import { installTag, sagaOf } from "#resources/kinds/droplet-handle.ts";
import { droplet as kind } from "#resources/kinds/droplet.ts";
import { liveAmong, namesAmong, servedUnasked } from "#resources/rows.ts";
import { type Maker, makersOf } from "./saga-of-droplet.ts";

/** Droplets that carry our marks and that nobody owns (rule 25). */
export interface Strays {
  /** Compares what a listing showed with our sagas: destroys what an ended one left, alerts about all else. */
  examine(droplets: readonly SeenDroplet[], begunAt: Date): Promise<void>;
}

export interface StraysOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly installId: string;
  /** How late a droplet's tags may arrive. Milliseconds. */
  readonly settleMs: number;
  readonly destroy: (tx: Tx, droplet: Pick<SeenDroplet, "id" | "name" | "tags">) => Promise<string>;
}

/** Why a droplet that looks like ours is left alone. */
interface Objection {
  readonly reason: string;
  readonly advice: string;
}

interface Suspect {
  readonly droplet: SeenDroplet;
  readonly maker: Maker | undefined;
  readonly objection?: Objection;
}

const unknownSaga: Objection = {
  reason: "It carries our install tag, but this database does not know its saga",
  advice: "It may be another environment's, or younger than a restored backup: destroy it by hand if it is not",
};
const withoutTag: Objection = {
  reason: "It looks like one of ours, but does not carry our install tag",
  advice: "It may be somebody's copy of one of our droplets: destroy it by hand if nobody wants it",
};
const hasServed: Objection = {
  reason: "It was a deployment's, had gone, and nothing of ours had ordered its end",
  advice: "What is on it may be the newest that there is: look at it, and destroy it by hand if nobody wants it",
};

export function createStrays(options: StraysOptions): Strays {
  const tag = installTag(options.installId);
  return {
    async examine(droplets, begunAt) {
      const settledAt = after(begunAt, -options.settleMs);
      const makers = await makersOf(options.db, droplets, settledAt);
      const named = await namedLikeOurs(options.db, droplets);
      const suspects = droplets.flatMap((droplet): Suspect[] => {
        const maker = makers.get(droplet.id);
        if (droplet.tags.includes(tag)) return [{ droplet, maker, ...(!maker && { objection: unknownSaga }) }];
        const isSettled = droplet.created_at === null || droplet.created_at < settledAt;
        if (!isSettled || (!maker && !named.has(droplet.name))) return [];
        return [{ droplet, maker, objection: withoutTag }];
      });
      const owned = await ownedAmong(options.db, suspects);
      for (const suspect of suspects) if (!owned.has(suspect.droplet.id)) await judge(options, suspect, begunAt);
    },
  };
}

/** Those names of droplets without our tags that the ledger has: a person's copy has one, or a droplet whose tags never came. */
const namedLikeOurs = (db: Db, droplets: readonly SeenDroplet[]): Promise<Set<string>> =>
  namesAmong(
    db,
    kind.name,
    droplets.filter((droplet) => sagaOf(droplet) === undefined).map(({ name }) => name),
  );

/** Those that the ledger holds as there, also when a listing has missed them since, and those whose saga still runs. */
async function ownedAmong(db: Db, suspects: readonly Suspect[]): Promise<Set<number>> {
  const ids = suspects.map(({ droplet }) => droplet.id);
  const owned = await liveAmong(db, kind.name, ids.map(String));
  return new Set(
    suspects
      .filter(({ droplet, maker }) => owned.has(String(droplet.id)) || (maker && !hasEnded(maker.status)))
      .map(({ droplet }) => droplet.id),
  );
}

async function judge(options: StraysOptions, suspect: Suspect, begunAt: Date): Promise<void> {
  const { db, log } = options;
  const { droplet, maker } = suspect;
  // What a listing showed before the saga ended says nothing of what is there now.
  if (maker && (maker.finished_at === null || maker.finished_at >= begunAt)) return;
  await transact(db, async (tx) => {
    if (await isGone(tx, droplet.id, begunAt)) return;
    const objection = suspect.objection ?? ((await servedUnasked(tx, kind.name, String(droplet.id))) && hasServed);
    if (objection || !maker) {
      const { reason, advice } = objection || unknownSaga;
      const facts = { sagaId: maker?.id ?? null, verdict: "alert", reason } as const;
      const named = { droplet_id: droplet.id, name: droplet.name };
      if (await note(tx, droplet, begunAt, facts)) log.error(named, `A droplet is left alone. ${reason}. ${advice}`);
      return;
    }
    const destroySaga = await tryDestroy(options, tx, droplet);
    if (!destroySaga) return;
    const reason = `Its saga ${maker.id} ended ${maker.status} without it`;
    await note(tx, droplet, begunAt, { sagaId: maker.id, verdict: "destroying", reason, destroySaga });
    log.warn(
      { droplet_id: droplet.id, saga_id: maker.id, destroy_saga_id: destroySaga },
      "A stray droplet is destroyed",
    );
  });
}

/** A listing that began before we proved it gone may still show it. */
async function isGone(tx: Tx, providerId: number, begunAt: Date): Promise<boolean> {
  const deleted = await tx
    .selectFrom("cloud_resources")
    .select("id")
    .where("provider_id", "=", providerId)
    .where("deleted_at", ">=", begunAt)
    .executeTakeFirst();
  const gone = await tx
    .selectFrom("strays")
    .select("provider_id")
    .where("provider_id", "=", providerId)
    .where("gone_at", ">=", begunAt)
    .executeTakeFirst();
  return deleted !== undefined || gone !== undefined;
}

async function tryDestroy({ destroy }: StraysOptions, tx: Tx, droplet: SeenDroplet): Promise<string | undefined> {
  try {
    return await destroy(tx, droplet);
  } catch (error) {
    if (error instanceof SagaRefusal && error.code === "saga_running") return undefined;
    throw error;
  }
}

/** @returns whether it was not known as this before */
async function note(
  tx: Tx,
  droplet: SeenDroplet,
  seenAt: Date,
  finding: { sagaId: string | null; verdict: "alert" | "destroying"; reason: string; destroySaga?: string },
): Promise<boolean> {
  const known = await tx
    .selectFrom("strays")
    .select(["verdict", "gone_at"])
    .where("provider_id", "=", droplet.id)
    .executeTakeFirst();
  const row = {
    name: droplet.name,
    saga_id: finding.sagaId,
    verdict: finding.verdict,
    reason: finding.reason,
    destroy_saga_id: finding.destroySaga ?? null,
    last_seen_at: seenAt,
    gone_at: null,
  };
  await tx
    .insertInto("strays")
    .values({ provider_id: droplet.id, first_seen_at: seenAt, ...row })
    .onConflict((conflict) => conflict.column("provider_id").doUpdateSet(row))
    .execute();
  return known === undefined || known.gone_at !== null || known.verdict !== finding.verdict;
}
