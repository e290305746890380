import type { Simulator } from "#simulator/simulator.ts";
import type { ProviderCall } from "../stage/wire.ts";

/** A volume that is taken off a droplet which may be writing to it: what its system has not written yet is lost. */
export function tornOff(simulator: Simulator, { method, path, body }: ProviderCall): string[] {
  const id = method === "POST" ? /^\/v2\/volumes\/([^/]+)\/actions$/.exec(path)?.[1] : undefined;
  if (id === undefined || body?.includes('"detach"') !== true) return [];
  const { volumes, droplets } = simulator.state();
  const from = volumes.find((it) => it.id === id)?.droplet_id;
  const status = droplets.find((it) => it.id === from)?.status;
  return status === undefined || status === "off"
    ? []
    : [`15: volume ${id} is taken off droplet ${from}, which is ${status}`];
}
