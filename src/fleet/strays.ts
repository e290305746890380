import { hasEnded } from "#saga-ended.ts";
import type { Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { SagaRefusal } from "#engine/refusal.ts";
import type { SeenDroplet } from "#inventory/sightings.ts";
import type { Log } from "#log.ts";
import { installTag } from "#resources/kinds/droplet-handle.ts";
import { droplet as kind } from "#resources/kinds/droplet.ts";
import { liveAmong } from "#resources/rows.ts";
import { type Maker, makersOf } from "./saga-of-droplet.ts";

/** Droplets that carry our install tag and that nobody owns (rule 25). */
export interface Strays {
  /** Compares what a listing showed with our sagas: destroys what an ended one left, alerts about unknown ones. */
  examine(droplets: readonly SeenDroplet[], begunAt: Date): Promise<void>;
}

export interface StraysOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly installId: string;
  readonly destroy: (tx: Tx, droplet: { readonly id: number; readonly name: string }) => Promise<string>;
}

interface Suspect {
  readonly droplet: SeenDroplet;
  readonly maker: Maker | undefined;
}

export function createStrays(options: StraysOptions): Strays {
  const tag = installTag(options.installId);
  return {
    async examine(droplets, begunAt) {
      const makers = await makersOf(options.db, droplets);
      const suspects = droplets
        .filter((droplet) => droplet.tags.includes(tag) || makers.has(droplet.id))
        .map((droplet): Suspect => ({ droplet, maker: makers.get(droplet.id) }));
      const owned = await ownedAmong(options.db, suspects);
      for (const suspect of suspects) if (!owned.has(suspect.droplet.id)) await judge(options, suspect, begunAt);
    },
  };
}

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

async function judge(options: StraysOptions, { droplet, maker }: Suspect, begunAt: Date): Promise<void> {
  const { db, log } = options;
  // What a listing showed before the saga ended says nothing of what is there now.
  if (maker && (maker.finished_at === null || maker.finished_at >= begunAt)) return;
  await transact(db, async (tx) => {
    if (await isGone(tx, droplet.id, begunAt)) return;
    if (!maker) {
      const news = await note(tx, droplet, begunAt, {
        sagaId: null,
        verdict: "alert",
        reason: "It carries our install tag, but this database does not know its saga",
      });
      if (news)
        log.error(
          { droplet_id: droplet.id, name: droplet.name },
          "A droplet with our install tag belongs to a saga that this database does not know; it is left alone. " +
            "It may be another environment's, or younger than a restored backup: destroy it by hand if it is not",
        );
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
