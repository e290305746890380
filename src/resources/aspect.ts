import type { z } from "zod";
import type { Call } from "#providers/digitalocean/call.ts";
import type { Io } from "./kind.ts";

/** Something about a thing that can be changed where it is, and back. */
export interface Aspect<Handle, Value> {
  readonly name: string;
  /** In a message: `the power of`. */
  readonly called: string;
  /** Compared as data: what differs in form only must be brought to one form by whoever reads it. */
  readonly value: z.ZodType<Value>;
  /** What it is now. @returns undefined on a 404, which by itself proves nothing (rule 17) */
  readonly read: (io: Io, id: string, handle: Handle) => Promise<Value | undefined>;
  /**
   * Asks for the change, once. An action is a means, the state is the proof (rule 8 of day two).
   * @returns the state, where the answer shows it
   */
  readonly send: (io: Io, id: string, handle: Handle, to: Value, call: Call) => Promise<Value | undefined>;
  /** The id of the newest action upon the thing, where changes are actions. */
  readonly newestAction?: (io: Io, id: string) => Promise<string | null>;
}
