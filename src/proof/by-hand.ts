import { z } from "zod";
import { dropletKind } from "#resources/kinds/droplet-handle.ts";
import { recordKind } from "#resources/kinds/record-handle.ts";
import { reservedIpKind } from "#resources/kinds/reserved-ip-handle.ts";
import { volumeKind } from "#resources/kinds/volume-handle.ts";
import type { RecordLine } from "./invariants.ts";
import { type Stage, zone } from "./stage/stage.ts";

type At = Pick<Stage, "simulator">;
type Theirs = Pick<Stage, "person">;

/** As a person does it in the provider's panel: it has its effect at once. @throws what the provider refuses */
export const byHand = ({ person }: Theirs, method: string, path: string, body?: object): Promise<unknown> =>
  person.ask(method, path, body);

/** Something goes wrong at the provider from now on, as often as its `times` says. */
export async function trouble({ simulator }: At, fault: object): Promise<void> {
  const request = { method: "POST", path: "/_sim/faults", headers: {}, body: JSON.stringify(fault) };
  const answer = await simulator.handle(request);
  if (typeof answer === "string" || answer.status !== 201)
    throw new Error(`The simulator does not take this fault: ${JSON.stringify([fault, answer])}`);
}

/** Whether all that was to go wrong has. */
export async function troubleIsOver({ simulator }: At): Promise<boolean> {
  const answer = await simulator.handle({ method: "GET", path: "/_sim/faults", headers: {} });
  return typeof answer !== "string" && answer.body === JSON.stringify({ faults: [] });
}

const listing = z.looseObject({});
type Listed = Readonly<z.output<typeof listing>>;

/** What is listed at a path is told otherwise, so many times: as the simulator itself would not. */
export async function oddly(
  stage: At & Theirs,
  path: string,
  times: number,
  told: (listed: Listed) => object,
): Promise<void> {
  const listed = listing.parse(await byHand(stage, "GET", path));
  const answer = { kind: "status", status: 200, body: told(listed) };
  await trouble(stage, { method: "GET", path: `^${path}$`, times, ...answer });
}

/** How long something is waited for at the most. In virtual time. */
const patienceMs = 3_600_000;

/** A person acts once it has come to that; whatever else goes on. */
export function once(stage: Stage, isSo: () => boolean | Promise<boolean>, act: () => Promise<unknown>): void {
  const { scheduler, operator } = stage;
  const until = scheduler.now() + patienceMs;
  const look = async (): Promise<void> => {
    if (await isSo()) await act();
    else if (scheduler.now() < until) again();
  };
  const again = (): void =>
    void scheduler.at(operator, scheduler.now() + 1000, () => {
      look().catch((error: unknown) => scheduler.fail(error));
    });
  again();
}

/** A person acts so much later. */
export function later({ scheduler, operator }: Stage, ms: number, act: () => Promise<unknown>): void {
  scheduler.at(operator, scheduler.now() + ms, () => {
    act().catch((error: unknown) => scheduler.fail(error));
  });
}

export const recordsPath = (of = zone): string => `/v2/domains/${of}/records`;

const cheapest = { region: "syd1", size: "s-1vcpu-512mb-10gb", image: "debian-13-x64" };
const madeDroplets = z.object({ droplets: z.array(z.object({ id: z.int() })) });
/** The provider makes no more by one request. */
const atOnce = 10;

/** Somebody else's droplets. @returns their ids */
export async function makeDroplets(
  stage: Theirs,
  names: readonly string[],
  tags: readonly string[] = [],
): Promise<number[]> {
  const made: number[] = [];
  for (let from = 0; from < names.length; from += atOnce) {
    const body = { ...cheapest, names: names.slice(from, from + atOnce), tags };
    const { droplets } = madeDroplets.parse(await byHand(stage, "POST", "/v2/droplets", body));
    made.push(...droplets.map(({ id }) => id));
  }
  for (const id of made) stage.person.theirs.add(`${dropletKind} ${id}`);
  return made;
}

const madeRecord = z.object({ domain_record: z.object({ id: z.int() }) });

/** Somebody else's record. @returns its id */
export async function makeRecord(stage: Theirs, record: RecordLine): Promise<number> {
  const { domain_record: made } = madeRecord.parse(await byHand(stage, "POST", recordsPath(), record));
  stage.person.theirs.add(`${recordKind} ${made.id}`);
  return made.id;
}
const madeIp = z.object({ reserved_ip: z.object({ ip: z.string() }) });

/** Somebody else's reserved IP. @returns it */
export async function reserveByHand(
  stage: Theirs,
  where: { readonly region: string } | { readonly droplet_id: number },
): Promise<string> {
  const { reserved_ip: made } = madeIp.parse(await byHand(stage, "POST", "/v2/reserved_ips", where));
  stage.person.theirs.add(`${reservedIpKind} ${made.ip}`);
  return made.ip;
}

const madeVolume = z.object({ volume: z.object({ id: z.string() }) });

/** Somebody else's volume. @returns its id */
export async function makeVolume(stage: Theirs, name: string): Promise<string> {
  const body = { name, region: cheapest.region, size_gigabytes: 1 };
  const { volume: made } = madeVolume.parse(await byHand(stage, "POST", "/v2/volumes", body));
  stage.person.theirs.add(`${volumeKind} ${made.id}`);
  return made.id;
}
