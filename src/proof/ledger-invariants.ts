import { hasEnded } from "#saga-ended.ts";
import { z } from "zod";
import { recordHandle, recordKind } from "#resources/kinds/record-handle.ts";
import { sagaOf } from "#resources/kinds/droplet-handle.ts";
import { volumeKind, volumeSnapshotKind } from "#resources/kinds/volume-handle.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { isLive, isWay } from "#resources/phases.ts";
import type { Truth } from "./truth.ts";
import type { AtRest, Facts } from "./invariants.ts";

type Row = Facts["held"][number];
type Change = Facts["changes"][number];

/** Whether it is known that the droplet is not there any more. */
export const isMissed = (absences: Facts["absences"], dropletId: number): boolean =>
  absences.some((row) => row.provider_id === dropletId);

const phase = z.enum(["sending", "there", "refused", "absent", "removing", "gone", "left", "abandoned"]);
const history = z.array(z.object({ phase }));

/** 2. The ledger tells what is there and what is not, and how that came about, without a gap. */
export function brokenLedger(
  { held, changes, sagas, resources, absences }: Facts,
  truth: Truth,
  { unmade = [], remade = [], turnedOn = new Set(), lostDroplets = new Set(), theirs = new Set() }: AtRest,
): string[] {
  const ended = new Set(sagas.filter(({ status }) => hasEnded(status)).map((saga) => saga.id));
  const broken = held.flatMap((row) => [...brokenHistory(row), ...(ended.has(row.saga_id) ? brokenAtRest(row) : [])]);
  for (const row of held.filter((it) => ended.has(it.saga_id))) {
    // What the inventory says has vanished, or a person has deleted, no saga of ours has removed: the ledger still answers for it.
    const hasVanished =
      resources.some((it) => it.deleted_at !== null && String(it.provider_id) === row.provider_id) ||
      (row.deployment_id === null && lostDroplets.has(Number(row.provider_id))) ||
      (row.kind === recordKind
        ? unmade.includes(Number(row.provider_id))
        : isMissed(absences, Number(row.provider_id)));
    const isThere = idsOf(row.kind, truth).has(row.provider_id ?? "");
    if (row.phase === "there" && !isThere && !hasVanished) broken.push(`2: ${nameOf(row)} is claimed and not there`);
    if (row.phase === "gone" && isThere && !held.some((it) => isAgain(it, row)))
      broken.push(`2: ${nameOf(row)} was released and is still there`);
  }
  for (const droplet of truth.droplets) {
    const isHeld = held.some((row) => isLive(row.phase) && row.provider_id === String(droplet.id));
    if (ended.has(sagaOf(droplet) ?? "") && !isHeld) broken.push(`2: droplet ${droplet.id} is in no row of the ledger`);
  }
  if (sagas.every((saga) => ended.has(saga.id)))
    for (const kind of ["snapshot", volumeKind, volumeSnapshotKind]) {
      const known = new Set(held.filter((row) => row.kind === kind && isLive(row.phase)).map((row) => row.provider_id));
      const left = [...idsOf(kind, truth)].filter((id) => !known.has(id) && !theirs.has(`${kind} ${id}`));
      broken.push(...left.map((id) => `2: ${kind.replace("_", " ")} ${id} is in no row of the ledger`));
    }
  // What a person has turned on, they have turned on.
  const ours = changes.filter(
    (it) =>
      it.aspect !== "power" || !held.some((row) => row.id === it.resource_id && turnedOn.has(Number(row.provider_id))),
  );
  return [
    ...broken,
    ...recordsOfNobody(held, ended, truth, remade),
    ...brokenChanges({ held, changes: ours, sagas }, truth),
  ];
}

/** 21. What somebody else has made in the account stays there, for as long as they keep it. */
export const othersIsThere = ({ truth, theirs = new Set() }: AtRest): string[] =>
  [...theirs]
    .filter((it) => {
      const [kind = "", id = ""] = it.split(" ");
      return !idsOf(kind, truth).has(id);
    })
    .map((it) => `21: ${it}, which somebody else has made, is not there any more`);

/** What a saga that completed has changed is as it was to be; of one that rolled back it is as it was. */
function brokenChanges({ held, changes, sagas }: Pick<Facts, "held" | "changes" | "sagas">, truth: Truth) {
  return changes.flatMap((change) => {
    const saga = sagas.find(({ id }) => id === change.saga_id);
    const row = held.find(({ id }) => id === change.resource_id);
    if (!saga || !row || change.phase === "refused" || change.phase === "left") return [];
    const expected =
      saga.status === "completed" ? "reached" : saga.status === "rolled_back" ? "returned" : change.phase;
    const named = `2: ${change.aspect} of ${nameOf(row)}`;
    // What is destroyed next is turned off first, and not on again.
    if (change.phase === "reached" && row.phase !== "there") return [];
    if (change.phase !== expected) return [`${named} is ${change.phase}, and its saga has ended ${saga.status}`];
    const others = changes.filter((it) => it.resource_id === row.id && it.aspect === change.aspect);
    if (row.phase !== "there" || !decides(change, others, saga.status)) return [];
    const state = stateOf(change.aspect, row, truth);
    // What was put back may have come back otherwise, or never have been sent.
    const due = saga.status === "completed" ? [change.goal] : [change.was, change.back ?? change.was];
    // What led to a droplet leads nowhere once that is gone.
    const isLoose = state === "null" && !truth.droplets.some(({ id }) => due.includes(id));
    return state === undefined || isLoose || due.some((it) => state === JSON.stringify(it))
      ? []
      : [`${named} is ${state}, not ${due.map((it) => JSON.stringify(it)).join(" or ")}`];
  });
}

/**
 * Whether it is the one that tells how a thing is now: no later saga has changed it, and of its own saga's it is the last,
 * or, of one that was rolled back, the first.
 */
function decides(change: Change, others: readonly Change[], status: string): boolean {
  const own = others.filter((it) => it.saga_id === change.saga_id);
  const newest = others.toSorted((one, other) => Number(other.created_at) - Number(one.created_at))[0];
  if (newest?.saga_id !== change.saga_id || own.some(({ phase: it }) => it === "left" || it === "refused"))
    return false;
  const inOrder = own.toSorted((one, other) => Number(one.created_at) - Number(other.created_at));
  return (status === "completed" ? inOrder.at(-1) : inOrder[0]) === change;
}

/** As it is at the provider, where the truth shows it. */
function stateOf(aspect: string, row: Row, truth: Truth): string | undefined {
  const reserved = truth.reserved_ips.find(({ ip }) => row.kind === reservedIpKind && ip === row.provider_id);
  if (aspect === "assignment" && reserved) return JSON.stringify(reserved.droplet_id);
  const droplet = truth.droplets.find(({ id }) => String(id) === row.provider_id);
  const volume = truth.volumes.find(({ id }) => id === row.provider_id);
  if (aspect.startsWith("attachment to ") && volume) {
    const to = Number(aspect.slice("attachment to ".length));
    // It ends with its droplet.
    return truth.droplets.some(({ id }) => id === to) ? JSON.stringify(volume.droplet_id === to) : undefined;
  }
  if (aspect === "size" && volume) return JSON.stringify(volume.size_gib);
  if (aspect === "power" && droplet) return JSON.stringify(droplet.status === "active" ? "on" : droplet.status);
  if (aspect === "size" && droplet) return JSON.stringify(droplet.size_slug);
  if (aspect === "image" && droplet) return JSON.stringify(droplet.image);
  if (aspect.startsWith("tag ") && droplet) return JSON.stringify(droplet.tags.includes(aspect.slice("tag ".length)));
  return undefined;
}

/** A record that is as one of ours was to be, and that no row has the id of. */
function recordsOfNobody(
  held: readonly Row[],
  ended: ReadonlySet<string>,
  truth: Truth,
  remade: readonly number[],
): string[] {
  const records = held.filter(({ kind }) => kind === recordKind);
  const ours = records
    .filter(({ origin, saga_id: saga }) => origin === "made" && ended.has(saga))
    .map(({ handle }) => recordHandle.parse(handle));
  const known = new Set(records.filter(({ phase: it }) => isLive(it) || it === "left").map((row) => row.provider_id));
  return truth.domains.flatMap((domain) =>
    domain.records
      .filter((it) => !known.has(String(it.id)) && !remade.includes(it.id))
      .filter((it) => ours.some(({ zone, name, data }) => zone === domain.name && name === it.name && data === it.data))
      .map(({ id }) => `2: DNS record ${id} is in no row of the ledger`),
  );
}

const nameOf = (row: Row): string => `${row.kind === recordKind ? "DNS record" : row.kind} ${row.provider_id}`;

/** It has come back since, and a newer row answers for it. */
const isAgain = (it: Row, old: Row): boolean =>
  it.id !== old.id && it.provider_id === old.provider_id && it.created_at > old.created_at;

function brokenHistory(row: Row): string[] {
  const phases = history.parse(row.history).map((entry) => entry.phase);
  return [
    !isWay(phases) && `2: ${nameOf(row)} went from ${phases.join(" to ")}`,
    phases.at(-1) !== row.phase && `2: ${nameOf(row)} is ${row.phase}, its history ends with ${phases.at(-1)}`,
  ].filter((it) => it !== false);
}

/** A saga that has ended leaves nothing half done. */
const brokenAtRest = (row: Row): string[] =>
  row.phase === "sending" || row.phase === "removing"
    ? [`2: ${nameOf(row)} is ${row.phase}, and saga ${row.saga_id}, which answers for it, has ended`]
    : [];

function idsOf(kind: string, truth: Truth): ReadonlySet<string> {
  const things: Readonly<Record<string, readonly { readonly id: string | number }[]>> = {
    droplet: truth.droplets,
    snapshot: truth.snapshots,
    [reservedIpKind]: truth.reserved_ips.map(({ ip }) => ({ id: ip })),
    [volumeKind]: truth.volumes,
    [volumeSnapshotKind]: truth.volume_snapshots,
    [recordKind]: truth.domains.flatMap(({ records }) => records),
  };
  return new Set(things[kind]?.map(({ id }) => String(id)));
}
