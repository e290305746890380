import type { z } from "zod";
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

export interface SagaOptions {
  /** Retried until done or stuck: never rolled back, cannot be cancelled. */
  readonly forwardOnly?: boolean;
}

/** An ordered list of steps over one typed context: data that the API, the CLI and the proofs can enumerate. */
export class Saga<Input, Context, Io, Names extends string = never> {
  readonly name: string;
  readonly input: z.ZodType<Input>;
  readonly forwardOnly: boolean;
  readonly steps: readonly AnyStep<Io>[];

  constructor(name: string, input: z.ZodType<Input>, options: SagaOptions = {}, steps: readonly AnyStep<Io>[] = []) {
    this.name = name;
    this.input = input;
    this.forwardOnly = options.forwardOnly ?? false;
    this.steps = steps;
  }

  /** The step that rows of this name are about: another release may have had it elsewhere, or not at all. */
  named(name: string): AnyStep<Io> | undefined {
    return this.steps.find((step) => step.name === name);
  }

  /** Compiles only if earlier steps wrote everything that `next` reads, and none took its name or its keys. */
  step<Name extends string, Output extends object, Intent>(
    next: Step<Name extends Names ? never : Name, Context, Output, Intent, Io> & WritesNew<Output, Context>,
  ): Saga<Input, Context & Output, Io, Names | Name> {
    return new Saga(this.name, this.input, { forwardOnly: this.forwardOnly }, [...this.steps, next]);
  }
}
