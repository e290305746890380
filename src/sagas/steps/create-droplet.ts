import { z } from "zod";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import type { Droplet } from "#providers/digitalocean/droplets.ts";
import { sealedUserData } from "#deployments/lifecycle.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction, snooze, type Snooze } from "#engine/step.ts";
import { handleOf, handleShape, installTag, matches, tagsOf } from "#provider/handle.ts";
import { findByHandle } from "../droplet-search.ts";
import { notBegun, remove, removalShape } from "../removal.ts";
import {
  aboutToSend,
  foundNothing,
  isAbsent,
  nextLook,
  refused,
  sendingShape,
  settledAt,
  unclear,
} from "../settling.ts";
import { step, type World } from "../step-context.ts";

export const dropletSpec = z.object({
  name: z.string(),
  region: z.string(),
  size_slug: z.string(),
  image: z.string(),
  ssh_keys: z.array(z.union([z.string(), z.int()])),
  /** Whose sealed user_data goes along, and what it was sealed for. */
  user_data: z.object({ owner_id: z.string().nullable(), context: z.string() }),
});
type Spec = z.output<typeof dropletSpec>;

const intentShape = z.object({
  handle: handleShape,
  sending: sendingShape,
  /** Every droplet found to be ours; the first is kept, the choice is for good. */
  droplet_ids: z.array(z.int()),
  removal: removalShape.nullable(),
});
type Intent = Readonly<z.output<typeof intentShape>>;
type Io = World & Attempt<Intent>;

/** DigitalOcean takes no idempotency key on create: intent, handle and settle window stand in for it (rules 12 to 9). */
export const createDroplet = step({
  name: "create_droplet",
  writes: z.object({ droplet_id: z.int(), droplet_accepted_at: z.iso.datetime() }),
  intends: intentShape,
  undoAfter: ["point_deployment_dns"],
  budget: (io: World) => ({ tries: 8, ms: 20 * 60_000 + 4 * io.timing.settle }),

  async execute({ input }: { input: Spec }, io: Io) {
    const { intent } = io;
    if (!intent) return create(input, io);
    if (intent.droplet_ids.length > 0) return keepFirst(intent, io);
    if (intent.sending.phase === "refused") return create(input, io);
    return adopt(input, intent, io);
  },

  async compensate({ droplet_id, droplet_accepted_at, input }, io: Io) {
    const intent = io.intent && withAnswer(io.intent, droplet_accepted_at);
    const done = inTransaction(async (tx) => {
      if (input.user_data.owner_id !== null) return;
      await tx.deleteFrom("sealed_user_data").where("owner_id", "=", io.saga.id).execute();
    });
    if (!intent) return done;
    const known = droplet_id === undefined ? intent.droplet_ids : [...new Set([droplet_id, ...intent.droplet_ids])];
    if (known.length > 0) return (await removeAll(known, intent, io)) ?? done;
    if (isAbsent(intent.sending)) return done;
    const { found, begunAt } = await findByHandle(io, intent.handle);
    if (found.length > 0) {
      const ids = found.map((droplet) => droplet.id);
      await io.intend({ ...intent, droplet_ids: ids });
      return (await removeAll(ids, { ...intent, droplet_ids: ids }, io)) ?? done;
    }
    const sending = foundNothing(intent.sending, begunAt, io.timing.settle);
    await io.intend({ ...intent, sending });
    if (isAbsent(sending)) return done;
    return snooze(nextLook(sending, io.clock.now(), io.timing), "certainty that no droplet was made");
  },
});

/** An answer that was committed starts the settle window, earlier than the last moment of sending does. */
const withAnswer = (intent: Intent, answeredAt: string | undefined): Intent =>
  answeredAt === undefined ? intent : { ...intent, sending: { ...intent.sending, answered_at: answeredAt } };

async function create(input: Spec, io: Io) {
  const handle = handleOf(io.saga.id, input.name);
  const sending = aboutToSend(io.clock.now());
  const intent: Intent = { handle, sending, droplet_ids: [], removal: null };
  const userData = await openUserData(input, io);
  await io.intend(intent);
  try {
    const droplet = await io.digitalOcean.droplets.create(
      {
        name: handle.name,
        region: input.region,
        size: input.size_slug,
        image: input.image,
        tags: tagsOf(io.saga.id, io.installId),
        ...(input.ssh_keys.length > 0 && { ssh_keys: input.ssh_keys }),
        ...(userData !== undefined && { user_data: userData }),
      },
      io.call(io.signal, { notAfter: new Date(sending.not_after) }),
    );
    return accepted(droplet.id, io);
  } catch (error) {
    if (!(error instanceof DigitalOceanError) || io.signal.aborted) throw error;
    const answered = error.effect === "none" ? refused : unclear;
    await io.intend({ ...intent, sending: answered(sending, io.clock.now()) });
    if (error.effect === "none") throw error;
    await io.note(`The create was not clearly answered (${error.message}); looking for what it may have made`);
    return snooze(nextLook({ ...sending, last_look_at: null }, io.clock.now(), io.timing), settling);
  }
}

const settling = "an unclear answer to the create to settle";

async function openUserData(input: Spec, io: Io): Promise<string | undefined> {
  const sealed = await sealedUserData(io.db, input.user_data.owner_id ?? io.saga.id);
  if (!sealed) return undefined;
  try {
    return io.openUserData(sealed, input.user_data.context);
  } catch (error) {
    throw new PermanentError("user_data_unreadable", error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

/** Looks for what an earlier, unclear create made: adopts it, or after two empty looks creates again. */
async function adopt(input: Spec, intent: Intent, io: Io) {
  const { found, begunAt } = await findByHandle(io, intent.handle);
  if (found.length > 0) {
    const chosen = { ...intent, droplet_ids: found.map((droplet) => droplet.id) };
    await io.intend(chosen);
    await io.note(`Adopted droplet ${chosen.droplet_ids[0]}, which an earlier attempt had made`);
    return keepFirst(chosen, io);
  }
  const sending = foundNothing(intent.sending, begunAt, io.timing.settle);
  await io.intend({ ...intent, sending });
  if (!isAbsent(sending)) return snooze(nextLook(sending, io.clock.now(), io.timing), settling);
  if (io.clock.now() >= io.deadline)
    throw new PermanentError("create_unanswered", "No create was answered clearly in all the time there was");
  return create(input, io);
}

/** Two found: the choice is committed already, the others are destroyed before the step is done (rule 14). */
async function keepFirst(intent: Intent, io: Io) {
  const [kept, ...surplus] = intent.droplet_ids;
  if (kept === undefined) throw new Error("A choice among no droplets");
  return (await removeAll(surplus, intent, io)) ?? accepted(kept, io);
}

const accepted = (id: number, io: Io) => ({
  droplet_id: id,
  droplet_accepted_at: io.clock.now().toISOString(),
});

/** Removes one after the other, the last first. @returns undefined once all are gone */
async function removeAll(ids: readonly number[], intent: Intent, io: Io): Promise<Snooze | undefined> {
  let current = intent;
  for (const id of ids.toReversed()) {
    const target = {
      id,
      name: intent.handle.name,
      isOurs: (droplet: Droplet) => matches(droplet, intent.handle) || droplet.tags.includes(installTag(io.installId)),
      settledAt: settledAt(intent.sending, io.timing.settle),
      inFleet: true,
    };
    const keep = (removal: Intent["removal"]) => {
      current = { ...current, removal };
      return io.intend(current);
    };
    const outcome = await remove(io, target, current.removal ?? notBegun, keep);
    if (outcome !== "absent") return outcome;
    current = { ...current, removal: null, droplet_ids: current.droplet_ids.filter((other) => other !== id) };
    await io.intend(current);
  }
  return undefined;
}
