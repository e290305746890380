import { PermanentError } from "#engine/failure.ts";
import { type AnySaga, type AnyStep, Saga } from "#engine/saga.ts";
import { inTransaction, InTransaction, Snooze } from "#engine/step.ts";
import type { StepContext } from "#sagas/step-context.ts";
import { type Disturbance, isStuck, type Stuck, type Trial } from "./trial.ts";

type Sagas = ReadonlyMap<string, AnySaga<StepContext>>;
type AStep = AnyStep<StepContext>;

/** Every saga anew, out of changed steps. */
export const withSteps = (sagas: Sagas, change: (step: AStep) => AStep): Sagas =>
  new Map([...sagas].map(([name, saga]) => [name, saga.map(change)]));

/** As a release has them that does not know these steps. */
export const withoutSteps = (sagas: Sagas, names: readonly string[]): Sagas =>
  new Map(
    [...sagas].map(([name, { input, steps, retired }]) => {
      const others = (all: readonly AStep[]) => all.filter((it) => !names.includes(it.name));
      return [
        name,
        new Saga<unknown, unknown, StepContext, string>(name, input, {
          steps: others(steps),
          retired: others(retired),
        }),
      ];
    }),
  );

interface Watching {
  /** Whether the saga that is proven runs: those before it, which may have the same steps, are left alone. */
  readonly isOn: () => boolean;
  /** Hears which step is at work. */
  readonly began: (step: string, undoing: boolean) => void;
  /** Hears of what happens to it. */
  readonly strikes: (it: Disturbance) => void;
  /** Whether an operator has asked for it to be tried again: it does its work then. */
  readonly isMended: (it: Stuck) => boolean;
}

/** The sagas as a trial wants them: failing somewhere, or doing things twice. */
export const disturbed = (sagas: Sagas, trial: Trial, { isOn, began, strikes, isMended }: Watching): Sagas =>
  withSteps(sagas, (plain) => {
    let step = plain;
    const its = trial.filter((it) => "step" in it && it.step === plain.name);
    for (const it of its) {
      if (it.kind === "fail") step = failing(step);
      if (it.kind === "twice") step = doneTwice(step);
      if (it.kind === "undo-twice") step = undoneTwice(step);
      if (it.kind === "flaky") step = failingOnce(step, "execute");
      if (it.kind === "undo-flaky") step = failingOnce(step, "compensate");
      if (isStuck(it)) step = stubborn(step, it, () => isMended(it));
    }
    const [altered, { name }] = [step, plain];
    return {
      ...step,
      execute: (reads, io) => {
        began(name, false);
        if (isOn()) for (const it of its) if (!isStuck(it) && !isOfUndo(it)) strikes(it);
        return (isOn() ? altered : plain).execute(reads, io);
      },
      compensate: (reads, io) => {
        began(name, true);
        if (isOn()) for (const it of its) if (!isStuck(it) && isOfUndo(it)) strikes(it);
        return (isOn() ? altered : plain).compensate(reads, io);
      },
    };
  });

const isOfUndo = ({ kind }: Disturbance): boolean => kind.startsWith("undo-");

/** Its work is done, and then something goes wrong that does not the next time. */
const failingOnce = (step: AStep, what: "execute" | "compensate"): AStep => {
  let hasFailed = false;
  return {
    ...step,
    [what]: async (...asked: Parameters<AStep["execute"]>) => {
      const verdict = await step[what](...asked);
      if (hasFailed || verdict instanceof Snooze) return verdict;
      hasFailed = true;
      throw new Error(`Step ${step.name} was made to fail once`);
    },
  };
};

/** Fails for good once its work is done, before the outcome is committed. */
const failing = (step: AStep): AStep => ({
  ...step,
  execute: async (reads, io) => {
    const verdict = await step.execute(reads, io);
    if (verdict instanceof Snooze) return verdict;
    throw new PermanentError("planted_failure", `Step ${step.name} was made to fail`);
  },
});

/** Does nothing and fails, each time, until that has been mended. */
const stubborn = (step: AStep, { kind }: Stuck, isMended: () => boolean): AStep => {
  const refuse = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!isMended()) throw new PermanentError("planted_failure", `Step ${step.name} was made to fail`);
    return work();
  };
  return kind.startsWith("undo-")
    ? { ...step, compensate: async (reads, io) => refuse(() => step.compensate(reads, io)) }
    : { ...step, execute: async (reads, io) => refuse(() => step.execute(reads, io)) };
};

/** As after a crash between the work and its commit. */
const doneTwice = (step: AStep): AStep => ({
  ...step,
  execute: async (reads, io) => {
    await step.execute(reads, io);
    return step.execute(reads, io);
  },
});

const undoneTwice = (step: AStep): AStep => ({
  ...step,
  compensate: async (reads, io) => {
    const first = await step.compensate(reads, io);
    if (first instanceof Snooze) return first;
    const second = await step.compensate(reads, io);
    if (second instanceof Snooze) return second;
    return inTransaction(async (tx) => {
      if (first instanceof InTransaction) await first.write(tx);
      if (second instanceof InTransaction) await second.write(tx);
    });
  },
});
