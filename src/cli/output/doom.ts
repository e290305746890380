import type { Deployment } from "#api/deployments.ts";
import type { Removal } from "#api/removal.ts";
import type { Resource } from "#api/resources.ts";
import type { Saga } from "#api/sagas.ts";
import type { Doom } from "#cli/input/confirm.ts";
import { toldUsd } from "#usd.ts";
import { leavesOf } from "./leaves.ts";

/** The data of a deployment, as it is called at the provider. */
export const volumeWords = ({ name, provider_id: id, size_gib: size }: NonNullable<Removal["volume"]>): string =>
  `Volume ${name}, ${id === null ? "being made" : `id ${id}`}${size === null ? "" : `, ${size} GiB`}, with all of its data`;

function lastSnapshot({ snapshot_usd_at_most: usd }: NonNullable<Removal["volume"]>, days: number): string {
  if (days === 0) return "no snapshot of it is kept";
  const price = usd === null ? "" : `, at ${toldUsd(usd)} a month or less: it is billed by what it holds`;
  return `a last snapshot of it is kept for ${days} days${price}`;
}

/** What goes with a deployment, as the server knows it now. */
export function doomOfDeployment(it: Deployment, removal: Removal, keepDays: number): Doom {
  const { droplet, dns_records: records, reserved_ips: reserved, volume, tags, uncertain, reason } = removal;
  const lines = [
    droplet &&
      `Droplet ${droplet.name}, ${droplet.provider_id === null ? "being made" : `id ${droplet.provider_id}`}, ` +
        `${it.size_slug} in ${it.region}, address ${droplet.public_ipv4 ?? "none yet"}, with all that is on its own disk`,
    volume && `${volumeWords(volume)}: ${lastSnapshot(volume, keepDays)}`,
    ...records.map(
      ({ id, name, type, data }) => `DNS record ${name} ${type} ${data}, ${id === null ? "being made" : `id ${id}`}`,
    ),
    ...reserved.map(
      ({ ip, region }) => `Reserved IP ${ip ?? `in ${region}, being reserved`}, for whoever is given it next`,
    ),
    ...tags.map((tag) => `Tag ${tag}, a day later`),
    !droplet && records.length + reserved.length === 0 && !uncertain && "Nothing at the provider: it has no droplet",
    `The deployment ${it.name} itself: it ends as terminated`,
    uncertain && `${reason}: what it has made by then is undone, DNS put back as it was`,
  ];
  return {
    title: `Destroying ${it.hostname} removes, for good:`,
    lines: lines.filter((line) => typeof line === "string"),
    word: it.hostname,
    what: "hostname",
  };
}

/** @param row of the inventory; undefined when the droplet is not in it */
export function doomOfDroplet(id: number, row: Resource | undefined): Doom {
  if (!row) return { title: `Droplet ${id} is not in the inventory.`, lines: [], word: `${id}`, what: "droplet's id" };
  const { name, size_slug: size, region, public_ipv4: address, managed } = row;
  const what = `Droplet ${name}, id ${id}, ${size} in ${region}, address ${address ?? "none"}, with all of its data`;
  return {
    title: "This is removed, for good:",
    lines: [what, ...(managed ? [] : ["It was not made here: somebody else may rely on it"])],
    word: name,
    what: "droplet's name",
  };
}

/** What a rollback undoes. @param hostname of its deployment, if it has one */
export const doomOfCancel = (saga: Saga | null, hostname: string | undefined, id: string): Doom => ({
  title: `Cancelling ${saga?.name ?? "it"} rolls it back. This is undone, with all data on it:`,
  lines: [leavesOf(saga?.leaves ?? null) || "Nothing yet; what it has made by then"],
  ...wordOf(hostname, id),
});

export const doomOfResolve = (saga: Saga, hostname: string | undefined): Doom => ({
  title: `Resolving ${saga.name} closes it: what it could not do counts as done by hand, and nothing looks again.`,
  lines: [`At the provider there is still: ${leavesOf(saga.leaves) || "nothing"}`],
  ...wordOf(hostname, saga.id),
});

export const doomOfRelease = (saga: Saga, hostname: string | undefined): Doom => ({
  title: `Letting ${saga.name} go on destroys, for good:`,
  lines: [`${hostname ?? `Droplet ${saga.provider_id}`}, with all of its data`],
  ...wordOf(hostname, saga.id),
});

const wordOf = (hostname: string | undefined, id: string) =>
  hostname === undefined ? { word: id, what: "saga's id" } : { word: hostname, what: "hostname" };
