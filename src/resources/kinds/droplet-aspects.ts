import { z } from "zod";
import { after } from "#clock.ts";
import { snooze, type Snooze } from "#engine/step.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { PermanentError } from "#engine/failure.ts";
import type { SeenDroplet } from "#inventory/sightings.ts";
import { dropletKind, type Handle, matches } from "./droplet-handle.ts";
import { type Acted, type Aspect, newestActed } from "../aspect.ts";
import { recheckMs } from "../bring.ts";
import { recheckChange } from "../changes.ts";
import type { Io } from "../kind.ts";
import { sendWithinMs } from "../settling.ts";
import { getDroplet, notUnderstood } from "./droplet.ts";
import { isNotFound } from "./zone-gone.ts";

/** Of these types alone: an action of another kind says nothing of this one. Attach actions do not show there (godo PR#136). */
const newestOf = (...types: string[]) =>
  async function newestAction(io: Io, id: string): Promise<Acted | null> {
    return newestActed((await listed(io, id)).items, (type) => types.includes(type));
  };

/** One 404 does not tell that the droplet is gone (rule 17): asked again, it may answer. */
async function listed(io: Io, id: string) {
  try {
    return await io.digitalOcean.actions.list(Number(id), io.call(io.signal));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new Error(`The actions of droplet ${id} are answered with a 404`, { cause: error });
  }
}

/**
 * What is not told this time is not somebody else's change; what is not ours any more, by name and by tag, is neither read
 * nor changed. @throws {PermanentError} `not_ours`
 */
const reading =
  <Value>(of: (droplet: SeenDroplet) => Value | null) =>
  async (io: Io, id: string, handle: Handle): Promise<Value | undefined> => {
    const seen = await getDroplet(io, Number(id));
    if (!seen) return undefined;
    if (!matches(seen, handle))
      throw new PermanentError("not_ours", `Droplet ${id} is somebody else's by now: ${seen.name}`);
    const value = of(seen);
    if (value === null) throw notUnderstood(`${id}`, "it does not tell what is to be changed");
    return value;
  };

/** What the provider says of it besides `active` and `off` is neither. */
const power = z.enum(["on", "off", "neither"]);
const powers: ReadonlyMap<string, "on" | "off"> = new Map([
  ["active", "on"],
  ["off", "off"],
]);

/** How long the system on a droplet has to shut down by itself. Milliseconds. */
const gracefulMs = 60_000;

/** Turned off, the system on it is asked first; what does not listen has the power taken away. */
export const dropletPower: Aspect<Handle, z.output<typeof power>> = {
  name: "power",
  called: "the power of droplet",
  value: power,
  read: reading(({ status }) => powers.get(status) ?? (status === "unknown" ? null : "neither")),
  async send(io, id, _handle, to, call) {
    await io.digitalOcean.actions.start(Number(id), { type: to === "on" ? "power_on" : "shutdown" }, call);
    return undefined;
  },
  newestAction: newestOf("power_on", "power_off", "shutdown", "power_cycle", "reboot"),
  isRepeatable: true,
  isRechecked: true,
  insist: {
    to: "off",
    afterMs: gracefulMs,
    async send(io, id, call) {
      await io.digitalOcean.actions.start(Number(id), { type: "power_off" }, call);
    },
  },
};

/** How many polls go by between two looks at what is to be off and was on. */
export const againPolls = 12;

/**
 * Looks at a droplet that was brought off, and turns it off where somebody has turned it on since. What refuses that is told,
 * and is no failure of the step: it looks again.
 * @param what of it: "whose volume is on the new one"
 * @returns whether it was on
 */
export async function turnOffAgain(io: Io, dropletId: number, what: string): Promise<boolean> {
  if ((await getDroplet(io, dropletId))?.status !== "active") return false;
  const now = io.clock.now();
  try {
    const call = io.call(io.signal, { notAfter: after(now, sendWithinMs) });
    await io.digitalOcean.actions.start(dropletId, { type: "power_off" }, call);
    await io.note(`Droplet ${dropletId}, ${what}, was on again; it is turned off`);
  } catch (error) {
    if (!(error instanceof DigitalOceanError) || error.reason === "rate_limited" || io.signal.aborted) throw error;
    await io.note(`Droplet ${dropletId}, ${what}, is on and could not be turned off (${error.message})`);
    // It may still take hold when a rollback has turned it on again.
    const changed = { kind: dropletKind, id: String(dropletId), aspect: dropletPower.name, saga_id: io.saga.id };
    if (error.effect !== "none") await io.commit((tx) => recheckChange(tx, changed, after(now, recheckMs)));
  }
  return true;
}

/** @returns until when, where it was on; undefined when it is off, or not shown */
export async function offFirst(io: Io, dropletId: number, what: string): Promise<Snooze | undefined> {
  if (!(await turnOffAgain(io, dropletId, what))) return undefined;
  return snooze(after(io.clock.now(), againPolls * io.timing.poll), `droplet ${dropletId} to be off again`);
}

/** Of a droplet that is off: only CPU and RAM change, so that it can be put back. */
export const dropletSize: Aspect<Handle, string> = {
  name: "size",
  called: "the size of droplet",
  value: z.string(),
  read: reading(({ size_slug: size }) => size),
  async send(io, id, _handle, size, call) {
    try {
      await io.digitalOcean.actions.start(Number(id), { type: "resize", size, disk: false }, call);
    } catch (error) {
      const isRefused = error instanceof DigitalOceanError && error.reason === "invalid";
      if (!isRefused || !(await turnOffAgain(io, Number(id), "which is being resized"))) throw error;
      throw new Error(`Droplet ${id} was on again and is not resized yet: it is asked for once it is off`, {
        cause: error,
      });
    }
    return undefined;
  },
  newestAction: newestOf("resize"),
  isRepeatable: true,
  isRechecked: true,
};

/** What is on its disk is lost; id, address and user_data stay (doctl#708). */
export const dropletImage: Aspect<Handle, string> = {
  name: "image",
  called: "the image of droplet",
  value: z.string(),
  read: reading(({ image }) => image),
  async send(io, id, _handle, image, call) {
    await io.digitalOcean.actions.start(Number(id), { type: "rebuild", image }, call);
    return undefined;
  },
  newestAction: newestOf("rebuild", "restore"),
  isToldByAction: true,
  isRechecked: true,
};

/** Whether it carries a tag. No action, and doing it again changes nothing. */
export const dropletTag = (tag: string): Aspect<Handle, boolean> => ({
  name: `tag ${tag}`,
  called: `tag ${tag} of droplet`,
  value: z.boolean(),
  read: reading(({ tags }) => tags.includes(tag)),
  async send(io, id, _handle, carried, call) {
    const { attach, detach } = io.digitalOcean.tags;
    await (carried ? attach : detach)(tag, Number(id), call);
    return undefined;
  },
});
