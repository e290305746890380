import { z } from "zod";
import type { Plan } from "./plan.ts";
import type { Step } from "./step.ts";

/** A step as the engine runs it: the builder below has checked its types against its place. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one place where a step's own types are forgotten
export type AnyStep<Io> = Step<string, any, any, any, Io>;
export type AnySaga<Io> = Saga<unknown, unknown, Io, string>;

/** Forgets a saga's own types: the engine runs what the builder has checked. */
// oxlint-disable-next-line typescript/no-explicit-any -- whatever it is that is forgotten
export const anySaga = <Io>(saga: Saga<any, any, Io, any>): AnySaga<Io> => saga;

/** Refuses a step that writes a key which is in the context already. */
type WritesNew<Output, Context> = keyof Output & keyof Context extends never
  ? unknown
  : { readonly writes: { readonly "an earlier step wrote this": keyof Output & keyof Context } };

/** What decides whether a step is part of a saga: asked once, when it starts. */
export interface Facts<Input> {
  readonly input: Input;
}

interface Parts<Input, Io> {
  readonly steps: readonly AnyStep<Io>[];
  readonly retired: readonly AnyStep<Io>[];
  readonly conditions: ReadonlyMap<string, (facts: Facts<Input>) => boolean>;
  /** The name of the first step that is not rolled back any more. */
  readonly pivot: string | undefined;
  /** Steps that are that already, for some inputs. */
  readonly earlierPivots: ReadonlyMap<string, (facts: Facts<Input>) => boolean>;
}

/** An ordered list of steps over one typed context: data that the API, the CLI and the proofs can enumerate. */
export class Saga<Input, Context, Io, Names extends string = never> {
  readonly name: string;
  readonly input: z.ZodType<Input>;
  readonly #parts: Parts<Input, Io>;

  constructor(name: string, input: z.ZodType<Input>, parts: Partial<Parts<Input, Io>> = {}) {
    this.name = name;
    this.input = input;
    const none = { conditions: new Map(), earlierPivots: new Map(), pivot: undefined };
    this.#parts = { steps: [], retired: [], ...none, ...parts };
  }

  /** Those of a saga that starts now, in their order; which of them are left out, its input decides. */
  get steps(): readonly AnyStep<Io>[] {
    return this.#parts.steps;
  }

  /** Those that only sagas in flight still have. */
  get retired(): readonly AnyStep<Io>[] {
    return this.#parts.retired;
  }

  /** Those before its pivot: the ones that a failure rolls back. */
  get reversible(): readonly AnyStep<Io>[] {
    const { pivot } = this.#parts;
    return pivot === undefined
      ? this.steps
      : this.steps.slice(
          0,
          this.steps.findIndex(({ name }) => name === pivot),
        );
  }

  /** Whether none of its steps is ever rolled back, and it cannot be cancelled. */
  get forwardOnly(): boolean {
    return this.steps.length > 0 && this.reversible.length === 0;
  }

  /** The step that rows of this name are about: a saga in flight may have it elsewhere, or have one that was retired. */
  readonly named = (name: string): AnyStep<Io> | undefined =>
    [...this.steps, ...this.retired].find((step) => step.name === name);

  /** What a saga of this input will do: stored when it starts, and followed to its end whatever later releases do. */
  readonly plan = (input: Input): Plan => {
    const { conditions, earlierPivots } = this.#parts;
    const steps = this.steps.filter(({ name }) => conditions.get(name)?.({ input }) ?? true);
    const names = steps.map(({ name }) => name);
    const pivot = names.find((name) => earlierPivots.get(name)?.({ input })) ?? this.#parts.pivot;
    const at = pivot === undefined ? -1 : names.indexOf(pivot);
    return {
      pivot: at === -1 ? null : at,
      steps: steps.map(({ name, undoAfter = [] }) => ({
        name,
        undoAfter: names.filter((other) => other !== name && (undoAfter === "all" || undoAfter.includes(other))),
      })),
    };
  };

  /** The same saga with each of its steps, the retired ones too, changed. */
  map(change: (step: AnyStep<Io>) => AnyStep<Io>): Saga<Input, Context, Io, Names> {
    const { steps, retired } = this.#parts;
    return new Saga(this.name, this.input, {
      ...this.#parts,
      steps: steps.map(change),
      retired: retired.map(change),
    });
  }

  /** Compiles only if earlier steps wrote everything that `next` reads, and none took its name or its keys. */
  step<Name extends string, Output extends object, Intent>(
    next: Step<Name extends Names ? never : Name, Context, Output, Intent, Io> & WritesNew<Output, Context>,
  ): Saga<Input, Context & Output, Io, Names | Name>;
  /**
   * @param options.when whether a saga of this input has the step at all: those after it may find that nobody wrote
   * @param options.pivotWhen whether a saga of this input has its pivot here already
   */
  step<Name extends string, Output extends object, Intent>(
    next: Step<Name extends Names ? never : Name, Context, Output, Intent, Io> & WritesNew<Output, Context>,
    options: {
      readonly when: (facts: Facts<Input>) => boolean;
      readonly pivotWhen?: (facts: Facts<Input>) => boolean;
    },
  ): Saga<Input, Context & Partial<Output>, Io, Names | Name>;
  step(
    next: AnyStep<Io>,
    options: {
      readonly when?: (facts: Facts<Input>) => boolean;
      readonly pivotWhen?: (facts: Facts<Input>) => boolean;
    } = {},
  ) {
    const { steps, conditions, earlierPivots } = this.#parts;
    const { when, pivotWhen } = options;
    return new Saga(this.name, this.input, {
      ...this.#parts,
      steps: [...steps, next],
      conditions: when ? new Map([...conditions, [next.name, when]]) : conditions,
      earlierPivots: pivotWhen ? new Map([...earlierPivots, [next.name, pivotWhen]]) : earlierPivots,
    });
  }

  /**
   * A step from which on the saga goes forward only: it, and those after it, are tried until they are done or a human
   * is called, nothing is rolled back any more, and it cannot be cancelled. A saga has one at most.
   */
  pivot<Name extends string, Output extends object, Intent>(
    next: Step<Name extends Names ? never : Name, Context, Output, Intent, Io> & WritesNew<Output, Context>,
  ): Saga<Input, Context & Output, Io, Names | Name> {
    if (this.#parts.pivot !== undefined)
      throw new Error(`${this.name} has its pivot already, ${this.#parts.pivot}; ${next.name} cannot be another`);
    return new Saga(this.name, this.input, {
      ...this.#parts,
      steps: [...this.steps, next],
      pivot: next.name,
    });
  }

  /** The same saga as it is for inputs that have their pivot at this step. */
  withPivotAt(pivot: string): Saga<Input, Context, Io, Names> {
    return new Saga(this.name, this.input, { ...this.#parts, pivot });
  }

  /** A step that no saga has any more that starts now, and that those in flight are still finished with. */
  retire(step: AnyStep<Io>): Saga<Input, Context, Io, Names> {
    return new Saga(this.name, this.input, { ...this.#parts, retired: [...this.retired, step] });
  }
}

/** A saga that this release does not know: it has none of its steps. */
export const unknownSaga = <Io>(name: string): AnySaga<Io> => new Saga(name, z.unknown());
