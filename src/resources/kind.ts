import { z } from "zod";
import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import type { Call } from "#providers/digitalocean/call.ts";
import type { DigitalOcean } from "#providers/digitalocean/client.ts";
import type { Removal } from "#providers/digitalocean/errors.ts";
import { PermanentError } from "#engine/failure.ts";
import type { Attempt } from "#engine/step.ts";
import type { Ids } from "#ids.ts";
import { type Held, rowsOf } from "./ledger.ts";
import { livePhases, type Phase } from "./phases.ts";
import type { Windows } from "./settling.ts";

/** What the verbs and the kinds work with: the outside world, and the attempt of the step that calls them. */
export interface Io extends Omit<Attempt<unknown>, "intent" | "intend"> {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timing: Windows;
  readonly digitalOcean: DigitalOcean;
  /** Who we are: part of every tag. */
  readonly installId: string;
  readonly call: (signal: AbortSignal, options?: { readonly notAfter?: Date }) => Call;
}

/** What it takes to look: no attempt of a step. */
export type Looking = Pick<Io, "db" | "clock" | "digitalOcean" | "installId" | "call" | "signal">;
/** What one question to the provider takes. */
export type Asking = Pick<Looking, "digitalOcean" | "call" | "signal">;

/** One complete look for what has a handle, the oldest first. */
export interface Found {
  readonly ids: readonly string[];
  /** When the first of its requests began. */
  readonly begunAt: Date;
  /** Until when, as far as the look shows, something was under way that may make one: before that it proves nothing. */
  readonly underWayUntil?: Date;
}

/** One complete look for one thing. */
export interface Look {
  readonly shown: boolean;
  readonly begunAt: Date;
  /** What else it shows with the same handle: of something found by its value, what a create that acted late made. */
  readonly others?: readonly string[];
}

/** Looks that all sagas share, as far as they say something of one thing. */
export interface Shared {
  readonly seenAt: Date | undefined;
  /** What else they show with the same handle. */
  readonly others?: readonly string[];
  /** How many complete ones have begun after `since`. */
  readonly looksSince: (since: Date) => Promise<number>;
  /** What wakes a saga when there is another. */
  readonly watch: string;
  /** A listing of several pages can skip what is there while something else is deleted: it is asked for by id too. */
  readonly mayMiss: boolean;
}

/**
 * What differs from kind to kind of things at the provider. Nothing here decides anything, is sent twice or writes the
 * ledger: that is the verbs'.
 */
export interface Kind<Handle extends object, Spec, Seen> {
  /** As the ledger has it, and in a message: `volume`. */
  readonly name: string;
  readonly called: string;
  /** By what it is found again. Checked when it is read back: a newer release may go on with an older saga. */
  readonly handle: z.ZodType<Handle>;
  /** Asks for it, once. @returns its id; undefined where the answer does not tell it. @throws {DigitalOceanError} whose `effect` says whether it may have been made */
  readonly create: (io: Io, handle: Handle, spec: Spec, call: Call) => Promise<string | undefined>;
  /** One complete look for what has the handle. @param row which looks for it: when it was asked for, and its id where that is known */
  readonly find: (io: Looking, handle: Handle, row: Held<Handle>) => Promise<Found>;
  /** @returns undefined on a 404, which by itself proves nothing (rule 17) */
  readonly get: (io: Looking, id: string, handle: Handle) => Promise<Seen | undefined>;
  /** As a look that all share showed it lately, where one did: enough to see whose it is. */
  readonly shownLately?: (io: Looking, id: string, handle: Handle) => Promise<Seen | undefined>;
  readonly isOurs: (seen: Seen, row: Held<Handle>) => boolean;
  /** Whether one complete look of one's own shows what has this id. */
  readonly look: (io: Looking, id: string, handle: Handle) => Promise<Look>;
  /** The looks that all share, where they would show it. */
  readonly shared?: (io: Io, id: string, row: Held<Handle>) => Promise<Shared | undefined>;
  /** What is gone already, or refuses for now, is no failure: looks see to it. */
  readonly remove: (io: Io, id: string, handle: Handle, call: Call) => Promise<Removal>;
  /** What becomes of one that is somebody else's by now: it is left to them, or a human is called. */
  readonly whenForeign: "leave" | "stop";
  /** With what a look shows of it that decides how long it is believed once it is gone. */
  readonly refreshed?: (handle: Handle, seen: Seen) => Handle;
  /**
   * To what, by its kind, it leads those who have seen it, and for how long they believe it once it is gone: what the same
   * owner has of that is not given up before. Milliseconds.
   */
  readonly lingers?: (row: Held<Handle>) => { readonly ms: number; readonly kinds: readonly string[] };
  /**
   * Somebody's data is on it: one that has served, and whose end nobody has ordered, is reported when it comes back after
   * it had gone, and so is one that an operator has seen to. It is never removed unasked (rule 37).
   */
  readonly holdsData?: true;
  /** Takes away what outlives it, once nothing of it has been there for a day. */
  readonly retire?: (io: Looking, handle: Handle) => Promise<void>;
}

/**
 * What the step answers for, the chosen one first; by default what is there, or may be.
 * @throws {PermanentError} `unreadable_state` when this release cannot read a handle
 */
export async function heldBy<Handle extends object>(
  io: Io,
  kind: Pick<Kind<Handle, never, never>, "name" | "called" | "handle">,
  phases: readonly Phase[] = livePhases,
): Promise<Held<Handle>[]> {
  const rows = await rowsOf(io.db, io.saga.id, io.step, kind.name, phases);
  return rows.map((row) => {
    const handle = kind.handle.safeParse(row.handle);
    if (handle.success) return { ...row, handle: handle.data };
    const lead = `The handle of ${kind.called} ${row.provider_id ?? row.id} cannot be read by this release`;
    throw new PermanentError("unreadable_state", `${lead}: ${z.prettifyError(handle.error)}`, { cause: handle.error });
  });
}
