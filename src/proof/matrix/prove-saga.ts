import { random, shuffled } from "../stage/random.ts";
import { allScenarios, scenarioOf } from "../scenario-of.ts";
import {
  crowds,
  failsLastOf,
  isWithinTransaction,
  longLag,
  placesOf,
  rerunsOf,
  secondsOf,
  type Singles,
  singlesOf,
  stepsOf,
  ticks,
} from "./enumerate.ts";
import { loses } from "./hands.ts";
import { type Ground, type Outcome, runTrial } from "./run-trial.ts";
import { type Disturbance, textOf, type Trial } from "./trial.ts";

export interface Failure {
  /** The scenario. */
  readonly saga: string;
  /** As `arcadia prove --saga … --trial "…"` takes it. */
  readonly trial: string;
  readonly broken: readonly string[];
}

export interface Proof {
  readonly saga: string;
  /** Crossings and provider calls of a clean run, and of one that fails at its last step. */
  readonly points: number;
  readonly calls: number;
  /** Faults given, and trials of one and of more disturbances run. */
  readonly faults: number;
  readonly singles: number;
  readonly pairs: number;
  readonly failures: readonly Failure[];
}

export interface Extent {
  /**
   * Which single disturbances are given: all there are, by default; or crashes and faults at each place, where repeated
   * polls of a step are one place; or none.
   */
  readonly singles?: "all" | "places" | "none";
  /** How many pairs to draw at least, every fifth of them a three; "all" runs every pair. */
  readonly pairs: number | "all";
  /** Whether nothing more may be begun, whatever is left. */
  readonly isOver?: () => boolean;
  readonly seed: number;
  /** Of n parts of the work, which. */
  readonly shard?: { readonly index: number; readonly count: number };
  /** How many single disturbances are drawn by the seed, at most; and of pairs the same share. */
  readonly atMost?: number;
  /** Whether a trial has been run before, and what to do when one has. */
  readonly isDone?: (trial: string) => boolean;
  readonly onTrial?: (trial: string, outcome: Outcome) => void;
  /** Struck is what these steps and their undos do; by default those that the scenario names. */
  readonly steps?: readonly string[];
  /** Only those whose text this matches. */
  readonly among?: RegExp;
  /** What only two disturbances together show is found sooner. */
  readonly pairsFirst?: boolean;
  /** Stop at the first failure. */
  readonly untilFailure?: boolean;
}

/**
 * Proves a saga: everything single that can happen to it, forward and compensating, and pairs. Where it can be struck
 * is found out from runs of its own, so that a new step or crossing is struck without anybody listing it.
 */
export async function proveSaga(ground: Ground, name: string, extent: Extent): Promise<Proof> {
  const { definition: saga, recordsBefore, ...scenario } = scenarioOf(name);
  const steps = extent.steps ?? scenario.steps;
  const isAmong = (trial: Trial): boolean => extent.among?.test(textOf(trial)) !== false;
  const isStruck = (step: string): boolean => steps?.includes(step.replace(/^undo /, "")) ?? true;
  const failures: Failure[] = [];
  let faults = 0;
  let singles = 0;
  let pairs = 0;

  /** @returns whether it was to be done, and had not been */
  const attempt = async (trial: Trial): Promise<boolean> => {
    // Records that others had before us, and change beside us, are theirs in more ways than one.
    if (recordsBefore && trial.some((it) => it.kind === "stranger")) return false;
    // Past the pivot nobody but a human can say to whom the hostname is to lead then, nor who serves: the saga calls one.
    if (scenario.pivot !== undefined && trial.some((it) => it.kind === "remake" || it.kind === "lose-newest"))
      return false;
    if (scenario.unprovable && trial.some(loses)) return false;
    // Where absence is believed sooner than a lie is over, the lie is believed.
    if (scenario.timing?.gone !== undefined && trial.some((it) => it.kind === "hides")) return false;
    const text = textOf(trial);
    if (!isAmong(trial)) return false;
    if (extent.isDone?.(text)) return false;
    faults += trial.filter((it) => it.kind === "fault").length;
    const outcome = await safely(ground, name, trial);
    extent.onTrial?.(text, outcome);
    if (outcome.broken.length > 0) failures.push({ saga: name, trial: text, broken: outcome.broken });
    return true;
  };

  const { clean, failsLast, back } = await undisturbed(ground, name);
  const lagging = await runTrial(ground, name, [longLag]);
  // One that has to fail goes back by itself.
  const walked = stepsOf(clean).filter((step) => !step.startsWith("undo "));
  for (const [trial, outcome] of [
    ["", clean],
    [textOf([failsLast]), back ?? clean],
    [textOf([longLag]), lagging],
  ] as const) {
    if (outcome.broken.length === 0) continue;
    extent.onTrial?.(trial, outcome);
    failures.push({ saga: name, trial, broken: outcome.broken });
  }

  const ahead = singlesOf(clean, saga, isStruck);
  // What lags is asked for again: its calls are others.
  const late = singlesOf(lagging, saga, isStruck);
  const behind = back && singlesOf(back, saga, (step) => step.startsWith("undo ") && isStruck(step));
  const after = (first: Trial, them: readonly Disturbance[]): Trial[] => them.map((it) => [...first, it]);
  // Of every kind in turn, so that whatever breaks shows early.
  const reruns = rerunsOf(saga, steps ?? walked, failsLast);
  const trials = inTurn([
    reruns,
    crowds(10),
    ticks(saga, failsLast),
    ...[...kindsOf(ahead), ahead.crashes].map((kind) => after([], kind)),
    after([longLag], late.faults),
    ...(behind ? [...kindsOf(behind), behind.crashes].map((kind) => after([failsLast], kind)) : []),
  ]);
  const enough = (): boolean => (extent.untilFailure === true && failures.length > 0) || extent.isOver?.() === true;
  const places = new Set(
    [
      ...reruns,
      ...after([], oncePerPlace(clean, ahead)),
      ...(back && behind ? after([failsLast], oncePerPlace(back, behind)) : []),
    ].map(textOf),
  );
  const due = (extent.singles === "places" ? trials.filter((trial) => places.has(textOf(trial))) : trials).filter(
    isAmong,
  );
  const part = extent.shard ?? { index: 0, count: 1 };
  const share = Math.min(1, (extent.atMost ?? due.length) / due.length);
  const ours = (them: readonly Trial[]): readonly Trial[] =>
    share === 1
      ? them.filter((_, turn) => turn % part.count === part.index)
      : shuffled(them, random(extent.seed)).slice(0, Math.round(them.length * share));
  const runSingles = async (): Promise<void> => {
    if (extent.singles === "none") return;
    for (const trial of ours(due)) if (!enough() && (await attempt(trial))) singles += 1;
  };
  const firsts = [
    ...[...ahead.crashes, ...ahead.faults].map((it): Trial => [it]),
    ...(behind ? [...behind.crashes, ...behind.faults].map((it): Trial => [failsLast, it]) : []),
  ];
  const atCreates = (run: Outcome, { faults: all }: Singles) =>
    all.filter((it) => it.kind === "fault" && run.calls[it.call]?.method === "POST");
  const creates = [...after([], atCreates(clean, ahead)), ...after([longLag], atCreates(lagging, late))];
  const missed = firsts.filter((trial) => isFault(trial.at(-1), "get-lag"));
  // What a GET does not find, a list misses too; and every look after a create of unknown outcome, however late it
  // shows, misses once what was made. (What is made an hour late, they all miss.)
  const unclear = creates.filter((trial) => trial.includes(longLag) && !isFault(trial.at(-1), "an-hour-late"));
  const drawn = {
    firsts,
    every: ours(extent.pairs === "all" ? firsts : [...missed, ...unclear]),
    creates: creates.length > 0 ? creates : firsts,
  };
  const runPairs = async (): Promise<void> => {
    if (enough()) return;
    for await (const trial of pairsAfter(ground, name, drawn, extent)) {
      if (await attempt(trial)) pairs += 1;
      if (enough()) return;
    }
  };
  for (const phase of extent.pairsFirst ? [runPairs, runSingles] : [runSingles, runPairs]) await phase();
  const points = clean.points.length + (back?.points.length ?? 0);
  const calls = clean.calls.length + (back?.calls.length ?? 0);
  return { saga: name, points, calls, faults, singles, pairs, failures };
}

/** Runs a saga to its end, and, where it can be rolled back, once more back from its last step. */
export async function undisturbed(ground: Ground, name: string) {
  const { definition: saga } = scenarioOf(name);
  const clean = await runTrial(ground, name, []);
  const failsLast = failsLastOf(saga, stepsOf(clean));
  return { clean, failsLast, back: saga.forwardOnly ? undefined : await runTrial(ground, name, [failsLast]) };
}

/** Crashes and faults, at each place one. */
function oncePerPlace(run: Outcome, { crashes, faults }: Singles): Disturbance[] {
  const place = placesOf(run);
  const outside = crashes.filter((it) => !isWithinTransaction(run, it));
  return [...Map.groupBy([...outside, ...faults], place).values()].flatMap(([first]) => first ?? []);
}

/**
 * Proves the verbs over a kind: what makes one such thing and takes it back, what removes one, and what changes it.
 * @param extentOf of each of these, asked for when it begins
 */
export async function proveKind(ground: Ground, kind: string, extentOf: () => Extent): Promise<readonly Proof[]> {
  const proofs: Proof[] = [];
  const all = Object.keys(allScenarios).filter((name) => `${name}:`.startsWith(`kind:${kind}:`));
  for (const scenario of all) proofs.push(await proveSaga(ground, scenario, extentOf()));
  return proofs;
}

const kindsOf = ({
  faults,
  freezes,
  cancels,
  strangers,
  hands,
  failovers,
  undone,
  stops,
  lost,
  older,
  restores,
}: Singles) => [faults, freezes, cancels, strangers, hands, failovers, undone, stops, lost, older, restores];

const isFault = (it: Disturbance | undefined, name: string): boolean => it?.kind === "fault" && it.fault === name;

/** The first of each list, then the second of each, and so on. */
const inTurn = <T>(lists: readonly (readonly T[])[]): T[] =>
  Array.from({ length: Math.max(...lists.map((list) => list.length)) }, (_, turn) =>
    lists.flatMap((list) => list.slice(turn, turn + 1)),
  ).flat();

/**
 * Every second disturbance after every first one, or as many as are wanted, half of them within one step and its undo. One
 * run tells where the second may strike, so that a shard is of the first ones.
 * @param drawn what all firsts are drawn from; of which first ones every second is given; and those that make something
 */
async function* pairsAfter(
  ground: Ground,
  name: string,
  { firsts, every, creates }: Readonly<Record<"firsts" | "every" | "creates", readonly Trial[]>>,
  { pairs, seed, shard: { index, count } = { index: 0, count: 1 } }: Extent,
) {
  const { definition: saga } = scenarioOf(name);
  if (pairs === 0) return;
  const draw = random(seed * count + index);
  const some = <T>(from: readonly T[]): T | undefined => from[Math.floor(draw() * from.length)];
  const after = async (trial: Trial, within: boolean): Promise<Trial[]> => {
    const first = trial.at(-1);
    const outcome = await safely(ground, name, trial);
    return first ? secondsOf(outcome, first, saga, within).map((second) => [...trial, second]) : [];
  };
  if (pairs === "all") {
    for (const first of every) yield* await after(first, false);
    return;
  }
  for (const first of every)
    for (const pair of await after(first, true)) if (isFault(pair.at(-1), "list-lag")) yield pair;
  // Several seconds are drawn for each first.
  for (let left = Math.ceil(pairs / count); left > 0;) {
    // Half of them after a create that was disturbed: there ambiguity is worst.
    const first = some(draw() < 0.5 ? creates : firsts);
    const seconds = first ? await after(first, draw() < 0.5) : [];
    for (let each = Math.min(4, seconds.length); each > 0; each -= 1) {
      const pair = some(seconds);
      if (pair) yield pair;
    }
    // And now and then a third, after both.
    const pair = draw() < 0.8 ? undefined : some(seconds);
    const three = pair && some(await after(pair, draw() < 0.5));
    if (three) yield three;
    left -= Math.max(1, Math.min(4, seconds.length));
  }
}

/** What breaks the run itself is a failure like any other, and so is a trial of what then never happens: it would prove nothing. */
async function safely(ground: Ground, name: string, trial: Trial): Promise<Outcome> {
  try {
    const outcome = await runTrial(ground, name, trial);
    const { broken, missed } = outcome;
    return { ...outcome, broken: [...broken, ...missed.map((it) => `${it} never happened`)] };
  } catch (error) {
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { broken: [`the run broke: ${told}`], status: "broken", points: [], calls: [], seconds: 0, missed: [] };
  }
}
