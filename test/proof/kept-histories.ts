import type { History } from "#proof/histories/history.ts";

/** Histories that broke once, reduced, and what was wrong: those that no seed draws any more. */
export const keptHistories: Readonly<Record<string, History>> = {
  "the provider is found away only when all come back from an absence": {
    seed: 334,
    workers: 3,
    lagMs: 25_000,
    bootMs: 12_000,
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
};
