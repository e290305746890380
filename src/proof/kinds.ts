import { z } from "zod";
import { after } from "#clock.ts";
import { start } from "#engine/start.ts";
import { PermanentError } from "#engine/failure.ts";
import { type AnySaga, anySaga, Saga } from "#engine/saga.ts";
import { type Attempt, inTransaction, snooze } from "#engine/step.ts";
import { handleOf, tagsOf } from "#resources/kinds/droplet-handle.ts";
import type { Aspect } from "#resources/aspect.ts";
import { bring, keepAsItIs, putBack } from "#resources/bring.ts";
import { ensure } from "#resources/ensure.ts";
import { type Io, type Kind } from "#resources/kind.ts";
import { dnsRecord, recordValue } from "#resources/kinds/dns-record.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { reservedIp, reservedIpAssignment } from "#resources/kinds/reserved-ip.ts";
import { snapshot } from "#resources/kinds/snapshot.ts";
import { volume } from "#resources/kinds/volume.ts";
import { volumeSize } from "#resources/kinds/volume-aspects.ts";
import { type VolumeHandle, volumeHandleOf } from "#resources/kinds/volume-handle.ts";
import { volumeSnapshot } from "#resources/kinds/volume-snapshot.ts";
import { dropletImage, dropletPower, dropletSize, dropletTag } from "#resources/kinds/droplet-aspects.ts";
import { handOver, type Held } from "#resources/ledger.ts";
import { remove } from "#resources/remove.ts";
import { heldBySagas } from "#resources/rows.ts";
import { saga, step, type StepContext } from "#sagas/step-context.ts";
import type { Scenario } from "./scenarios.ts";
import { secrets, type Stage, zone } from "./stage/stage.ts";

type StepIo = StepContext & Attempt<never>;
const nothing = z.object({});

/** What a proof asks for of a kind. */
interface Wish<Handle, Spec> {
  readonly handle: (io: StepIo) => Handle | Promise<Handle>;
  readonly spec: (io: Io) => Spec;
  /** What has to be there before. */
  readonly before?: Scenario["start"];
}

/** Something about such a thing that is brought to a goal, and back. */
interface Bringing<Handle> {
  readonly step: string;
  readonly execute: (io: Io, row: Held<Handle>) => ReturnType<typeof bring<Handle, unknown, object>>;
  readonly compensate: (io: Io, row: Held<Handle>) => ReturnType<typeof putBack>;
}

const bringing = <Handle, Value>(aspect: Aspect<Handle, Value>, goal: Value): Bringing<Handle> =>
  bringingTo(aspect, async () => goal);

const bringingTo = <Handle, Value>(
  aspect: Aspect<Handle, Value>,
  goal: (io: Io) => Promise<Value>,
): Bringing<Handle> => ({
  // As a trial writes it: a word.
  step: `bring_${aspect.name.replaceAll(" ", "_")}`,
  execute: async (io, row) => bring(io, { row, aspect }, { goal: await goal(io) }, async () => ({})),
  compensate: (io, row) => putBack(io, { row, aspect }),
});

/** A kind with sagas of its own: one that makes such a thing and can be rolled back, one that removes it, and one for each change. */
interface ProvenKind {
  readonly maker: AnySaga<StepContext>;
  readonly sagas: readonly AnySaga<StepContext>[];
  readonly scenarios: Readonly<Record<string, Scenario>>;
}

/** So that everything that can happen to a saga happens to the verbs over this kind, and to little else. */
function proven<Handle extends object, Spec, Seen>(
  kind: Kind<Handle, Spec, Seen>,
  wish: Wish<Handle, Spec>,
  changes: Readonly<Record<string, readonly Bringing<Handle>[]>>,
): ProvenKind {
  const make = step({
    name: `make_${kind.name}`,
    writes: z.object({ made_id: z.string() }),
    execute: async (_reads: object, io: StepIo) =>
      ensure(io, kind, { handle: await wish.handle(io), spec: async () => wish.spec(io) }, async ({ id }) => ({
        made_id: id,
      })),
    compensate: async (_reads, io: StepIo) => remove(io, kind, async () => undefined),
  });
  const see = step({
    name: `see_${kind.name}`,
    writes: nothing,
    async execute({ made_id: id }: { made_id: string }, io: StepIo) {
      const seen = await kind.get(io, id, await wish.handle(io));
      if (seen) return {};
      if (io.clock.now() < io.deadline) return snooze(after(io.clock.now(), io.timing.poll), `${kind.called} ${id}`);
      throw new PermanentError("never_came", `${kind.called} ${id} was accepted and never came`);
    },
    async compensate() {},
  });
  /** Names of its own: a trial that fails it fails nothing of the saga before. */
  const keep = (name: string) =>
    step({
      name: `keep_${name}`,
      writes: nothing,
      execute: async () => inTransaction(async () => ({})),
      async compensate() {},
    });
  const unmake = step({
    name: `unmake_${kind.name}`,
    writes: nothing,
    execute: async (_reads: object, io: StepIo) => remove(io, kind, async () => ({})),
    async compensate() {},
  });
  /** Each needs what those before it have brought, on its way back too (rule 40). */
  const change = (
    { step: name, execute, compensate }: Bringing<Handle>,
    index: number,
    all: readonly Bringing<Handle>[],
  ) =>
    step({
      name,
      writes: nothing,
      undoAfter: all.slice(index + 1).map((later) => later.step),
      execute: async (_reads: object, io: StepIo) => execute(io, await onlyRow(io)),
      compensate: async (_reads, io: StepIo) => (await compensate(io, await onlyRow(io))) ?? undefined,
    });
  const onlyRow = async (io: StepIo): Promise<Held<Handle>> => {
    const [row] = await heldBySagas(io.db, [io.saga.id]);
    if (!row) throw new Error(`Saga ${io.saga.id} has no ${kind.called}`);
    return { ...row, handle: kind.handle.parse(row.handle) };
  };
  const maker = saga(`prove_${kind.name}`, nothing).step(make).step(see).step(keep(kind.name));
  const remover = saga(`prove_${kind.name}_removal`, nothing).pivot(unmake);
  const changers = Object.entries(changes).map(([name, all]): [string, AnySaga<StepContext>] => [
    name,
    new Saga<unknown, unknown, StepContext, string>(`prove_${kind.name}_${name}`, nothing, {
      steps: [...all.map(change), keep(name)],
    }),
  ]);
  /** A saga that takes over the one thing that another has made, and what of it is struck. */
  const over = (it: AnySaga<StepContext>, struck: string | undefined): Scenario => ({
    saga: it.name,
    ...(struck !== undefined && { steps: [struck] }),
    async prepare(stage) {
      await prepare(stage);
      await whole(stage, begin);
    },
    async start(stage, tx) {
      const made = await tx.selectFrom("sagas").select("id").where("name", "=", maker.name).executeTakeFirstOrThrow();
      const [row] = await heldBySagas(tx, [made.id]);
      const id = await start(stage.desk, tx, it, {});
      // A change answers for no more than the change: the thing itself stays, also when an operator sees to that by hand.
      if (row) await handOver(tx, row, { saga_id: id, step: it.steps.at(-1)?.name ?? "" });
      return id;
    },
  });
  const begin: Scenario["start"] = (stage, tx) => start(stage.desk, tx, maker, {});
  const prepare = async (stage: Stage): Promise<void> => {
    if (wish.before) await whole(stage, wish.before);
  };
  return {
    maker: anySaga(maker),
    sagas: [anySaga(maker), anySaga(remover), ...changers.map(([, it]) => it)],
    scenarios: {
      [`kind:${kind.name}`]: {
        saga: maker.name,
        steps: [make.name, see.name],
        start: begin,
        ...(wish.before && { prepare }),
      },
      [`kind:${kind.name}:removal`]: over(anySaga(remover), unmake.name),
      ...Object.fromEntries(
        changers.map(([name, it]) => [`kind:${kind.name}:${name}`, over(it, changes[name]?.at(-1)?.step)]),
      ),
    },
  };
}

/** Runs a saga to its end, and until all there is is old. */
async function whole(stage: Stage, begin: Scenario["start"]): Promise<void> {
  await stage.perform(stage.db.transaction().execute((tx) => begin(stage, tx)));
  await stage.scheduler.run(stage.isQuiet);
  const settled = stage.scheduler.now() + 60_000;
  await stage.scheduler.run(() => stage.scheduler.now() > settled);
}

/** With what is secret: an answer may quote it. */
const cheapest = {
  region: "syd1",
  size: "s-1vcpu-512mb-10gb",
  image: "ubuntu-24-04-x64",
  user_data: secrets.userData,
};

const provenDroplet = proven(
  droplet,
  {
    handle: (io) => handleOf(io.saga.id, "thing"),
    spec: ({ saga: { id }, installId }) => ({ ...cheapest, tags: tagsOf(id, installId) }),
  },
  {
    power: [bringing(dropletPower, "off")],
    // Of one that is off.
    size: [bringing(dropletPower, "off"), bringing(dropletSize, "s-1vcpu-1gb")],
    image: [bringing(dropletImage, "debian-13-x64")],
    tag: [bringing(dropletTag("cohort"), true)],
  },
);

/** It has no way back: undone, it stays as it has become. */
const growing: Bringing<VolumeHandle> = {
  step: "bring_size",
  execute: (io, row) => bring(io, { row, aspect: volumeSize }, { goal: 2 }, async () => ({})),
  compensate: (io, row) => keepAsItIs(io, { row, aspect: volumeSize }, async () => undefined),
};

const provenVolume = proven(
  volume,
  {
    handle: (io) => volumeHandleOf(io.saga.id, "thing", cheapest.region),
    spec: ({ saga: { id }, installId }) => ({
      size_gigabytes: 1,
      filesystem_type: "ext4" as const,
      filesystem_label: "data",
      tags: tagsOf(id, installId),
    }),
  },
  { size: [growing] },
);

/** What was made before. */
async function before({ db }: Pick<StepIo, "db">, kind: string): Promise<string> {
  const query = db.selectFrom("provider_resources").select("provider_id").where("kind", "=", kind);
  return (await query.executeTakeFirstOrThrow()).provider_id ?? "";
}

/** How each kind is proven, by its name. One without fails the tests. */
export const provenKinds: Readonly<Record<string, ProvenKind>> = {
  [droplet.name]: provenDroplet,
  [snapshot.name]: proven(
    snapshot,
    {
      handle: async (io) => ({
        name: handleOf(io.saga.id, "thing").name,
        droplet_id: Number(await before(io, droplet.name)),
      }),
      spec: () => undefined,
      before: (stage, tx) => start(stage.desk, tx, provenDroplet.maker, {}),
    },
    {},
  ),
  [volume.name]: provenVolume,
  [volumeSnapshot.name]: proven(
    volumeSnapshot,
    {
      handle: async (io) => ({ name: handleOf(io.saga.id, "thing").name, volume_id: await before(io, volume.name) }),
      spec: () => undefined,
      before: (stage, tx) => start(stage.desk, tx, provenVolume.maker, {}),
    },
    {},
  ),
  [reservedIp.name]: proven(
    reservedIp,
    {
      handle: ({ saga: { id, startedAt } }) => ({
        region: cheapest.region,
        saga_id: id,
        since: startedAt.toISOString(),
      }),
      spec: () => undefined,
      before: (stage, tx) => start(stage.desk, tx, provenDroplet.maker, {}),
    },
    { assignment: [bringingTo(reservedIpAssignment, async (io) => Number(await before(io, droplet.name)))] },
  ),
  [dnsRecord.name]: proven(
    dnsRecord,
    {
      handle: () => ({ zone, name: "thing", hostname: `thing.${zone}`, type: "A", data: "192.0.2.7", ttl: 300 }),
      spec: () => undefined,
    },
    { value: [bringing(recordValue, { data: "192.0.2.8", ttl: 60 })] },
  ),
};
