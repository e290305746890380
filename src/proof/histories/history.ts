import type { Wish } from "../deploy.ts";
import { soonFaults } from "../matrix/faults.ts";
import { drawing } from "./drawing.ts";
import { livesOf, undoneAt } from "./lives.ts";

/** One thing that happens, `at` so many milliseconds after the start. */
export type Action = { readonly at: number } & (
  | { readonly kind: "deploy"; readonly name: string; readonly host: string; readonly wish?: Wish }
  /** One of the operations, of an active deployment. */
  | { readonly kind: "operate"; readonly nth: number; readonly name: string; readonly body: object }
  /** Somebody makes a droplet by hand, and a record that leads to it. */
  | { readonly kind: "handmade"; readonly host: string }
  | { readonly kind: "sync" }
  /** It is taken over. */
  | { readonly kind: "adopt"; readonly host: string }
  | { readonly kind: "droplet"; readonly name: string }
  /** Whatever state they are in: refusals are part of it. `nth` counts those there are. */
  | { readonly kind: "delete" | "cancel" | "provision" | "destroy" | "retry"; readonly nth: number }
  /** One of the workers dies `after` so many crossings, and another starts later. */
  | { readonly kind: "crash"; readonly nth: number; readonly after: number; readonly backMs: number }
  | { readonly kind: "freeze"; readonly nth: number; readonly after: number; readonly ms: number }
  /** `after` so many crossings of a worker the database breaks its connection, or ends its transaction for another's sake. */
  | { readonly kind: "undone"; readonly nth: number; readonly after: number; readonly how: "cut" | "deadlock" }
  /** The next call that it applies to gets this fault. */
  | { readonly kind: "fault"; readonly fault: string }
  /** All workers die, or freeze, and for longer than any step or undo may take nobody is there. */
  | { readonly kind: "absence"; readonly how: "crash" | "freeze"; readonly ms: number }
  /** Somebody else destroys a droplet in the provider's own panel. */
  | { readonly kind: "lose"; readonly nth: number }
  /** The provider as a whole fails for a while. */
  | { readonly kind: "outage"; readonly fault: "reset" | "error"; readonly ms: number }
);

/** What a seed stands for. Without some of the actions it is still a history. */
export interface History {
  readonly seed: number;
  readonly workers: number;
  /** There are releases and another zone in it. */
  readonly isOfLives?: true;
  readonly lagMs: number;
  readonly bootMs: number;
  readonly actions: readonly Action[];
  /** When the last action has happened; then all trouble stops. Virtual milliseconds from the start. */
  readonly calmAt: number;
  /** What happens when all is calm, just before a sync; undefined: nothing more. */
  readonly aftermath: Aftermath | undefined;
}

/** Long after: somebody destroys a droplet; or the provider denies one of them, or all, for so many milliseconds. */
export type Aftermath =
  | { readonly kind: "lose"; readonly nth: number }
  | { readonly kind: "deny"; readonly nth: number | "all"; readonly ms: number };

const troubleMs = 90_000;

/** Longer than any step or undo may take: no deadline that runs on meanwhile is kept. Milliseconds. */
const longestStepMs = 35 * 60_000;

/** At least ten sagas, several workers, and trouble of every kind; every third is of few deployments that live on. */
export const historyOf = (seed: number): History => (seed % 3 === 0 ? livesOf(seed) : crowdOf(seed));

/** Many that come and go. */
function crowdOf(seed: number): History {
  const drawn = drawing(seed);
  const { below, one, some } = drawn;
  const early = (): number => below(troubleMs / 3);
  const any = (): number => below(troubleMs);

  const workers = 2 + below(3);
  const lagMs = one([0, 1500, 1500, 8000, 25_000]);
  const bootMs = one([3000, 12_000, 40_000]);
  const actions: Action[] = [
    ...some(8, 8, (index): Action => ({ at: early(), kind: "deploy", name: `t${index}`, host: `h${index}` })),
    ...some(2, 2, (index): Action => ({ at: early(), kind: "droplet", name: `d${index}` })),
    // Of hostnames that are, or were, somebody's.
    ...some(1, 2, (index): Action => ({ at: any(), kind: "deploy", name: `again${index}`, host: `h${below(8)}` })),
    ...some(2, 5, (): Action => ({ at: any(), kind: one(["delete", "delete", "cancel"]), nth: below(10) })),
    ...some(1, 3, (): Action => ({ at: any(), kind: one(["provision", "retry", "destroy"]), nth: below(10) })),
    ...some(2, 5, (): Action => {
      return { at: any(), kind: "crash", nth: below(4), after: below(60), backMs: 500 + below(8000) };
    }),
    ...some(0, 3, (): Action => ({
      at: any(),
      kind: "freeze",
      nth: below(4),
      after: below(60),
      ms: 3000 + below(60_000),
    })),
    ...some(4, 14, (): Action => ({
      at: any(),
      kind: "fault",
      fault: soonFaults[below(soonFaults.length)] ?? "error",
    })),
    ...some(0, 1, (): Action => ({ at: any(), kind: "outage", fault: one(["reset", "error"]), ms: below(25_000) })),
    ...some(0, 1, (): Action => {
      return { at: any(), kind: "absence", how: one(["crash", "freeze"]), ms: longestStepMs + below(3_600_000) };
    }),
  ];
  actions.push(...some(0, 1, (): Action => ({ at: any(), kind: "lose", nth: below(10) })));
  const aftermath = one<Aftermath | undefined>([
    undefined,
    undefined,
    { kind: "lose", nth: below(10) },
    // Not so long that it would be the truth.
    { kind: "deny", nth: below(10), ms: 60_000 + below(8 * 60_000) },
    // However long.
    { kind: "deny", nth: "all", ms: 60_000 + below(40 * 60_000) },
  ]);
  actions.push(...some(0, 6, () => undoneAt(any(), drawn)));
  const inOrder = actions.toSorted((a, b) => a.at - b.at);
  return { seed, workers, lagMs, bootMs, actions: inOrder, calmAt: troubleMs, aftermath };
}
