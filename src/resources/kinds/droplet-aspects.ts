import { z } from "zod";
import type { Droplet } from "#providers/digitalocean/droplets.ts";
import type { Handle } from "./droplet-handle.ts";
import type { Aspect } from "../aspect.ts";
import type { Io } from "../kind.ts";
import { getDroplet, notUnderstood } from "./droplet.ts";

/** Of these types alone: an action of another kind says nothing of this one. Attach actions do not show there (godo PR#136). */
const newestOf = (...types: string[]) =>
  async function newestAction(io: Io, id: string): Promise<string | null> {
    const { items } = await io.digitalOcean.actions.list(Number(id), io.call(io.signal));
    const own = items.filter(({ type }) => types.includes(type)).map((action) => action.id);
    return own.length === 0 ? null : String(Math.max(...own));
  };

/** What is not told this time is not somebody else's change. */
const reading =
  <Value>(of: (droplet: Droplet) => Value | null) =>
  async (io: Io, id: string): Promise<Value | undefined> => {
    const seen = await getDroplet(io, Number(id));
    if (!seen) return undefined;
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

/** @param off how it is turned off: `shutdown` asks the system on it, which may not listen; `power_off` does not ask */
export const dropletPower = (off: "shutdown" | "power_off"): Aspect<Handle, z.output<typeof power>> => ({
  name: "power",
  called: "the power of droplet",
  value: power,
  read: reading(({ status }) => powers.get(status) ?? (status === "unknown" ? null : "neither")),
  async send(io, id, _handle, to, call) {
    await io.digitalOcean.actions.start(Number(id), { type: to === "on" ? "power_on" : off }, call);
    return undefined;
  },
  newestAction: newestOf("power_on", "power_off", "shutdown", "power_cycle", "reboot"),
});

/** Of a droplet that is off: only CPU and RAM change, so that it can be put back. */
export const dropletSize: Aspect<Handle, string> = {
  name: "size",
  called: "the size of droplet",
  value: z.string(),
  read: reading(({ size_slug: size }) => size),
  async send(io, id, _handle, size, call) {
    await io.digitalOcean.actions.start(Number(id), { type: "resize", size, disk: false }, call);
    return undefined;
  },
  newestAction: newestOf("resize"),
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
