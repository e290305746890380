import type { z } from "zod";
import type { Snooze } from "#engine/step.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { Io } from "./kind.ts";

/** Something about a thing that can be changed where it is, and back. */
export interface Aspect<Handle, Value> {
  readonly name: string;
  /** In a message: `the power of`. */
  readonly called: string;
  /** Compared as data: what differs in form only must be brought to one form by whoever reads it. */
  readonly value: z.ZodType<Value>;
  /**
   * What it is now. @returns undefined on a 404, which by itself proves nothing (rule 17)
   * @throws {PermanentError} `not_ours` where it shows that it is somebody else's by now
   */
  readonly read: (io: Io, id: string, handle: Handle) => Promise<Value | undefined>;
  /**
   * Sees to what has to hold for it to be asked for, right before. @returns until when, where that takes a while
   */
  readonly ready?: (io: Io, to: Value) => Promise<Snooze | undefined>;
  /**
   * Asks for the change, once. An action is a means, the state is the proof (rule 39).
   * @returns the state, where the answer shows it
   */
  readonly send: (io: Io, id: string, handle: Handle, to: Value, call: Call) => Promise<Value | undefined>;
  /**
   * Whether it is this value still, though somebody has changed what matters to nobody since. By default what is not equal
   * is somebody else's.
   */
  readonly isStill?: (state: Value, value: Value) => boolean;
  /**
   * Whether it has come to this state by itself, since what it was before is gone: then nobody has decided on it, and it is
   * brought on from there, or back.
   */
  readonly isLoose?: (io: Io, state: Value, before: Value) => Promise<boolean>;
  /** What a look at it has told of the thing besides: how it is found, or for how long what it says is believed. */
  readonly refreshed?: (handle: Handle, state: Value) => Handle;
  /** The newest action upon the thing that bears on this, where changes are actions. */
  readonly newestAction?: (io: Io, id: string) => Promise<Acted | null>;
  /** Asking again does no harm: it is done also when an action of ours has ended and has changed nothing. */
  readonly isRepeatable?: true;
  /** What took hold late is found afterwards, and set right or told (`fleet/late-changes.ts`). */
  readonly isRechecked?: true;
  /** A harder way to the same, for where the first was taken on and not followed. */
  readonly insist?: Insistence<Value>;
  /**
   * The state does not tell whether it was done: what is rebuilt from the image that it has is another one all
   * the same. It is done when the state says so and an action newer than those before has ended.
   */
  readonly isToldByAction?: true;
}

export interface Acted {
  readonly id: string;
  /** Null while it goes on. */
  readonly endedAt: Date | null;
}

/** An action as the provider lists it. */
interface Listed {
  readonly id: number;
  readonly type: string;
  readonly completed_at: Date | null;
}

/** The newest of those whose type bears on an aspect. */
export function newestActed(actions: readonly Listed[], bears: (type: string) => boolean): Acted | null {
  const [newest] = actions.filter(({ type }) => bears(type)).toSorted((one, other) => other.id - one.id);
  return newest ? { id: String(newest.id), endedAt: newest.completed_at } : null;
}

export interface Insistence<Value> {
  readonly to: Value;
  /** How long the first way is given, from its answer. Milliseconds. */
  readonly afterMs: number;
  readonly send: (io: Io, id: string, call: Call) => Promise<void>;
}
