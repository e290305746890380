import { soonFaults } from "../matrix/faults.ts";
import type { Wish } from "../deploy.ts";
import { type Drawing, drawing } from "./drawing.ts";
import type { Action, History } from "./history.ts";

/** From then on, most that were deployed are active. Virtual milliseconds. */
const livingMs = 70_000;
const calmMs = 260_000;

const wishes: readonly [Wish, ...Wish[]] = [
  {},
  { release: "v1" },
  { release: "v1", volumeGib: 10 },
  { volumeGib: 10 },
  { reservedIp: true },
  { inOtherZone: true },
  { inOtherZone: true, release: "v1", volumeGib: 10 },
  { release: "v1", reservedIp: true },
];

type Operation = readonly [name: string, body: object];

const keep_snapshot_days = 7;
const replacing = { bake_seconds: 15, discard_disk: true };
const operations: readonly [Operation, ...Operation[]] = [
  ["resize", { size_slug: "s-1vcpu-1gb" }],
  ["resize", { size_slug: "s-1vcpu-512mb-10gb" }],
  ["resize", { volume_gib: 20 }],
  ["snapshot", { name: "kept", keep_snapshot_days }],
  ["rebuild", { image: "debian-13-x64", keep_snapshot_days }],
  ["restore", { snapshot: "the newest", keep_snapshot_days }],
  ["suspend", {}],
  ["unsuspend", {}],
  ["replace", replacing],
  ["replace", { ...replacing, release: "v2" }],
  ["replace", { ...replacing, discard_disk: false }],
  ["repair", {}],
  ["unadopt", {}],
];

/** By the database, at one of the next crossings. */
export const undoneAt = (at: number, { below, one }: Drawing): Action => ({
  at,
  kind: "undone",
  nth: below(4),
  after: below(80),
  how: one(["cut", "deadlock"]),
});

/**
 * Few deployments of every kind, in two zones under the same names, and some that are adopted; and much that is asked of
 * them, whatever state they are in.
 */
export function livesOf(seed: number): History {
  const drawn = drawing(seed);
  const { below, between, one, some } = drawn;
  const early = (): number => below(20_000);
  const later = (): number => between(livingMs, calmMs);
  const any = (): number => below(calmMs);
  const adopted = some(1, 2, (index) => `own${index}`);
  const actions: Action[] = [
    ...some(4, 5, (index): Action => {
      return { at: early(), kind: "deploy", name: `t${index}`, host: `h${index}`, wish: one(wishes) };
    }),
    // Under a name that stands in our zone, or in this one too.
    { at: later(), kind: "deploy", name: "other", host: `h${below(4)}`, wish: { inOtherZone: true } },
    ...some(0, 1, (): Action => ({ at: early(), kind: "droplet", name: "d" })),
    ...adopted.map((host): Action => ({ at: below(2000), kind: "handmade", host })),
    { at: 42_000, kind: "sync" },
    // Once its address is known; now and then by two who ask for the same.
    ...adopted.flatMap((host) => some(1, 2, (): Action => ({ at: between(50_000, calmMs / 2), kind: "adopt", host }))),
    ...some(5, 9, (): Action => {
      const [name, body] = one(operations);
      return { at: later(), kind: "operate", nth: below(8), name, body };
    }),
    ...some(1, 2, (): Action => ({ at: later(), kind: one(["delete", "delete", "cancel"]), nth: below(8) })),
    ...some(0, 1, (): Action => ({ at: later(), kind: "deploy", name: "again", host: `h${below(5)}` })),
    ...some(0, 2, (): Action => ({ at: later(), kind: one(["retry", "destroy", "provision"]), nth: below(8) })),
    ...some(1, 4, (): Action => {
      return { at: any(), kind: "crash", nth: below(4), after: below(80), backMs: 500 + below(8000) };
    }),
    ...some(0, 3, (): Action => {
      return { at: any(), kind: "freeze", nth: below(4), after: below(80), ms: 3000 + below(60_000) };
    }),
    ...some(2, 10, (): Action => ({
      at: any(),
      kind: "fault",
      fault: soonFaults[below(soonFaults.length)] ?? "error",
    })),
    ...some(0, 1, (): Action => ({ at: any(), kind: "outage", fault: one(["reset", "error"]), ms: below(25_000) })),
    ...some(0, 1, (): Action => ({ at: later(), kind: "lose", nth: below(8) })),
  ];
  const world = {
    workers: between(1, 4),
    lagMs: one([0, 1500, 1500, 8000]),
    bootMs: one([3000, 12_000]),
    aftermath: one<History["aftermath"]>([
      undefined,
      { kind: "lose", nth: below(8) },
      { kind: "deny", nth: "all", ms: between(60_000, 1_200_000) },
    ]),
  };
  actions.push(...some(0, 6, () => undoneAt(any(), drawn)));
  return { seed, isOfLives: true, ...world, actions: actions.toSorted((a, b) => a.at - b.at), calmAt: calmMs };
}
