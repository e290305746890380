/**
 * What a person does to ours in the provider's own panel, before a request, which alone shows it. To our records: changes their TTL alone, or
 * deletes them and makes them anew, the same under other ids. To the oldest of our droplets, or the newest of several: destroys it. To all
 * of them: gives them other names, or takes all tags off them, or turns those on that are off.
 */
export const handKinds = ["retouch", "remake", "lose", "lose-newest", "rename", "untag", "turn-on"] as const;
export type HandKind = (typeof handKinds)[number];

/** One thing that happens to a saga in a trial; `at` counts its workers' crossings, `call` its provider calls. */
export type Disturbance =
  /**
   * The worker dies there; freezes until all else is over; freezes just longer than its lease; the saga
   * is cancelled; somebody else points our DNS records elsewhere, or makes a copy of our droplet. */
  | { readonly kind: "crash" | "freeze" | "nap" | "cancel" | "stranger" | "copy"; readonly at: number }
  | Hand
  /** The database breaks the connection there, before a commit or after it; or ends a statement's transaction for another's sake. */
  | { readonly kind: "cut" | "deadlock"; readonly at: number }
  /** The worker is told to stop there, and another comes; or from there on no worker is told what the database notifies. */
  | { readonly kind: "stop" | "deaf"; readonly at: number }
  /** The worker dies there, or freezes, and for longer than any step or undo may take nobody else is there. */
  | { readonly kind: "away" | "asleep"; readonly at: number }
  /** The worker dies there, and for a while those who come after it have another account's token. */
  | { readonly kind: "account"; readonly at: number }
  /**
   * The worker dies there, and who comes after it is of a release that does not know the steps after this one, or is being undone:
   * another that knows them comes soon. Or it does not know this one, alone until a human has been called, who starts
   * another and retries. */
  | { readonly kind: "older" | "outdated"; readonly at: number }
  /** There the workers die, and a standby takes over that has nothing of what was committed since that earlier crossing. */
  | { readonly kind: "failover"; readonly since: number; readonly at: number }
  /** There the workers die, and a backup of that earlier crossing is restored, which holds its sagas until they are retried. */
  | { readonly kind: "restore"; readonly since: number; readonly at: number }
  | { readonly kind: "fault"; readonly fault: string; readonly call: number }
  /** From this call on the provider answers nobody, for longer than any step or undo may take. */
  | { readonly kind: "outage"; readonly call: number }
  | Lie
  /** The step does its work, and then fails for good; or does it twice; or it fails once, as by a fault that passes. So may its undo. */
  | { readonly kind: "fail" | "twice" | "undo-twice" | "flaky" | "undo-flaky"; readonly step: string }
  | Stuck
  /** Lists, GETs, tags, addresses and deletions lag by up to so many milliseconds. */
  | { readonly kind: "lag"; readonly ms: number }
  /** All clocks of ours stand still, but for once in so many milliseconds: much is at the very same moment. */
  | { readonly kind: "ticks"; readonly ms: number }
  /** So many workers at once; who of them goes first is drawn from the seed. */
  | { readonly kind: "workers"; readonly count: number; readonly seed: number };

/**
 * What the provider does from this call on: it hides all that is there, for longer than the settle window, or for most of
 * it; or for as long it gives the fault to all calls that it applies to.
 */
export type Lie =
  | { readonly kind: "hides" | "blinks"; readonly call: number }
  | { readonly kind: "long"; readonly fault: string; readonly call: number };

/**
 * The step, or its undo, does nothing and fails until its saga is stuck. Then an operator retries it, and it does its work;
 * or resolves it, as if it were done by hand, which it is not.
 */
export interface Stuck {
  readonly kind: "retried" | "undo-retried" | "resolved" | "undo-resolved";
  readonly step: string;
}

interface Hand {
  readonly kind: HandKind;
  readonly at: number;
}

const isHandKind = (kind: string): kind is HandKind => handKinds.some((it) => it === kind);

export const isHand = (it: Disturbance): it is Hand => isHandKind(it.kind);

export const isStuck = (it: Disturbance): it is Stuck =>
  ["retried", "undo-retried", "resolved", "undo-resolved"].includes(it.kind);

export type Trial = readonly Disturbance[];

/** As it is written on a command line: `crash@17 reset-after@call-3 fail@activate_deployment`. */
export function textOf(trial: Trial): string {
  return trial.map(wordOf).join(" ");
}

function wordOf(it: Disturbance): string {
  if ("since" in it) return `${it.kind}@${it.since}-${it.at}`;
  if ("at" in it) return `${it.kind}@${it.at}`;
  if ("step" in it) return `${it.kind}@${it.step}`;
  if ("ms" in it) return `${it.kind}@${it.ms}`;
  if ("count" in it) return `${it.kind}@${it.count}-${it.seed}`;
  if (it.kind === "long") return `long-${it.fault}@call-${it.call}`;
  return `${it.kind === "fault" ? it.fault : it.kind}@call-${it.call}`;
}

/** What a run without any disturbance is called. */
export const cleanRun = "a clean run";

/** @throws on what `textOf` would not have written, but for the name of a clean run */
export const trialFrom = (text: string): Trial =>
  (text === cleanRun ? "" : text)
    .split(/\s+/)
    .filter((word) => word)
    .map(disturbanceFrom);

function disturbanceFrom(word: string): Disturbance {
  const [kind = "", where = ""] = word.split("@");
  if (isHandKind(kind)) return { kind, at: whole(where, word) };
  switch (kind) {
    case "crash":
    case "freeze":
    case "nap":
    case "cancel":
    case "stranger":
    case "copy":
    case "away":
    case "asleep":
    case "account":
    case "older":
    case "outdated":
    case "cut":
    case "deadlock":
    case "stop":
    case "deaf":
      return { kind, at: whole(where, word) };
    case "outage":
    case "hides":
    case "blinks":
      return { kind, call: whole(where.replace("call-", ""), word) };
    case "fail":
    case "twice":
    case "undo-twice":
    case "flaky":
    case "undo-flaky":
    case "retried":
    case "undo-retried":
    case "resolved":
    case "undo-resolved":
      return { kind, step: where };
    case "lag":
    case "ticks":
      return { kind, ms: whole(where, word) };
    case "failover":
    case "restore": {
      const [since = "", at = ""] = where.split("-");
      return { kind, since: whole(since, word), at: whole(at, word) };
    }
    case "workers": {
      const [count = "", seed = ""] = where.split("-");
      return { kind, count: whole(count, word), seed: whole(seed, word) };
    }
    default: {
      const [, long, fault = ""] = /^(long-)?(.*)$/.exec(kind) ?? [];
      return { kind: long ? "long" : "fault", fault, call: whole(where.replace("call-", ""), word) };
    }
  }
}

function whole(text: string, word: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`"${word}" is no part of a trial: such as crash@17 or reset-after@call-3`);
  return Number(text);
}
