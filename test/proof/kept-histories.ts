import type { History } from "#proof/histories/history.ts";

/** Histories that broke once, reduced, and what was wrong: those that no seed draws any more. */
export const keptHistories: Readonly<Record<string, History>> = {
  "the provider is found away only when all come back from an absence": {
    seed: 334,
    workers: 3,
    lagMs: 25_000,
    bootMs: 12_000,
    calmAt: 90_000,
    aftermath: undefined,
    actions: [
      { at: 3453, kind: "deploy", name: "t1", host: "h1" },
      { at: 4610, kind: "deploy", name: "t3", host: "h3" },
      { at: 6100, kind: "crash", nth: 0, after: 51, backMs: 8483 },
      { at: 6118, kind: "delete", nth: 3 },
      { at: 17_371, kind: "outage", fault: "reset", ms: 22_555 },
      { at: 25_338, kind: "deploy", name: "t6", host: "h6" },
      { at: 38_000, kind: "absence", how: "freeze", ms: 4_481_245 },
    ],
  },
  "a droplet is destroyed by somebody else while its rebuild is on its way, and its saga waits for a human": {
    seed: 114,
    isOfLives: true,
    workers: 2,
    lagMs: 0,
    bootMs: 12_000,
    calmAt: 260_000,
    aftermath: undefined,
    actions: [
      { at: 16_235, kind: "deploy", name: "t2", host: "h2", wish: { release: "v1", reservedIp: true } },
      {
        at: 102_505,
        kind: "operate",
        nth: 5,
        name: "rebuild",
        body: { image: "debian-13-x64", keep_snapshot_days: 7 },
      },
      { at: 138_800, kind: "lose", nth: 4 },
    ],
  },
};
