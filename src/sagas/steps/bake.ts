import { z } from "zod";
import { after } from "#clock.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, snooze, Snooze, waitUntil } from "#engine/step.ts";
import { askEach } from "#probes/ask-each.ts";
import type { Check } from "#probes/check.ts";
import { PathDown } from "#probes/prober.ts";
import { healthOf, noteHealth } from "#probes/queries.ts";
import { judge } from "#probes/verdict.ts";
import { type Moving, notLeadingTo } from "../dns/moving.ts";
import { droplet } from "#resources/kinds/droplet.ts";
import { reservedIp, reservedIpAssignment } from "#resources/kinds/reserved-ip.ts";
import { liveRow } from "#resources/rows.ts";
import { heldThere } from "../held.ts";
import { step, type StepContext } from "../step-context.ts";
import { keepOff } from "./keep-off.ts";
import { verifiedDroplet } from "./verified-droplet.ts";

interface Reads {
  readonly input: Moving & {
    readonly name: string;
    readonly health_check: Check | null;
    readonly bake_seconds: number;
    readonly reserved_ip: string | null;
  };
  readonly droplet_id: number;
  readonly droplet_public_ip: string;
  /** Where the hostname was led to it by DNS. */
  readonly dns_believed_until?: string | undefined;
  /** Since when the old one is off, where it had to be. */
  readonly down_since?: string | undefined;
}

/** What has been seen of it so far. */
const baked = z.object({
  well_ms: z.number(),
  looked_at: z.iso.datetime(),
  /** When the old one, which has to be off, was last looked at. */
  old_looked_at: z.iso.datetime().optional(),
});
type Io = StepContext & Attempt<z.output<typeof baked>>;

/** The longest bake that can be asked for, and an hour of whatever else is waited for. Milliseconds. */
const longestMs = 25 * 3_600_000;

/**
 * While the new droplet serves, and the old one is still there: until the new one has been seen to be well, at its own
 * address, for as long as was asked, and nobody is led to the old one any more. Only what is seen counts: while nobody
 * looks, or the way is down, the time stands still (rule 43).
 */
export const bake = step({
  name: "bake",
  writes: z.object({}),
  intends: baked,
  budget: () => ({ tries: 8, ms: longestMs }),

  async execute({ input, ...made }: Reads, io: Io) {
    const { droplet_id, droplet_public_ip: address } = made;
    const check = input.health_check;
    if (!check) throw new Error("A bake of what has no health check");
    const target = { address, reserved: input.reserved_ip, hostname: input.hostname };
    const whose = { whose: input.deployment_id, serves: true };
    const how = { timeoutMs: check.timeout_seconds * 1000, signal: io.signal };
    const answer = await askEach(io.prober, whose, check, target, how);
    const now = io.clock.now();
    const path = io.prober.pathBesides(input.deployment_id);
    if (answer.kind === "silent" && path === "down")
      throw new PathDown(`the way to droplet ${droplet_id}: ${answer.said}, and no other deployment answers either`);
    const key = { deployment_id: input.deployment_id, provider_id: droplet_id };
    const known = await healthOf(io.db, key);
    const before = known ?? { state: "healthy", since: now, reason: null, successes: 1, failures: 0 };
    // Nobody else may be there to compare it with: that it served until a moment ago says enough of the way.
    const health = judge(before, answer, "reaches", check, now);
    await io.commit((tx) => noteHealth(tx, key, health, now));
    if (health.state === "unhealthy") {
      if (await isOldGone(input, io)) {
        await io.note(`Droplet ${input.droplet_id} is gone: there is no way back, and the new one stays as it is`);
        return {};
      }
      throw new PermanentError(
        "droplet_unhealthy",
        `The app on droplet ${droplet_id} (${address}) was well, and is not any more: ${health.reason ?? answer.said}`,
      );
    }
    const oldLookedAt = made.down_since && (await keepOff(input.droplet_id, io.intent?.old_looked_at, io));
    const wellMs = await observed(answer.kind === "healthy", check, oldLookedAt, io);
    const wantedMs = input.bake_seconds * 1000;
    const next = after(now, check.interval_seconds * 1000);
    if (answer.kind !== "healthy" || wellMs < wantedMs)
      return snooze(next, `droplet ${droplet_id} to have been well for ${input.bake_seconds} s (${seconds(wellMs)} s)`);
    const believedUntil = made.dns_believed_until && after(new Date(made.dns_believed_until), io.timing.settle);
    if (io.timing.drain && believedUntil && now < believedUntil)
      return waitUntil(next < believedUntil ? next : believedUntil, "nobody to be led to the old droplet any more");
    await verifiedDroplet({ id: droplet_id, name: input.name, address }, io);
    const fault = await notServing(input, made, io);
    if (fault instanceof Snooze) return fault;
    if (fault !== undefined) throw new PermanentError("dns_conflict", `${fault}; the old droplet is kept`);
    return {};
  },

  /** Waiting has no effect to undo. */
  async compensate() {},
});

/** Why the hostname does not lead to the new droplet alone, by looks of this very moment; undefined: it does. */
async function notServing(
  input: Reads["input"],
  { droplet_id: id, droplet_public_ip: address }: Omit<Reads, "input">,
  io: Io,
): Promise<string | undefined | Snooze> {
  const { reserved_ip: ip, hostname } = input;
  if (ip === null) return notLeadingTo(input, address, io);
  const row = await heldThere(io.db, reservedIp, input);
  if (row?.provider_id !== ip)
    return `The ledger has reserved IP ${row?.provider_id ?? "none"} of ${hostname}, not ${ip}`;
  const to = await reservedIpAssignment.read(io, ip, row.handle);
  // One 404 does not tell that it is gone (rule 17): asked again, it may answer.
  if (to === undefined) throw new Error(`Reserved IP ${ip} of ${hostname} is answered with a 404`);
  if (to !== id)
    return `Reserved IP ${ip} of ${hostname} leads to ${to ? `droplet ${to}` : "nothing"} and not to ${id}`;
  return notLeadingTo(input, ip, io);
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** For how long it has been seen to be well: a gap of more than two intervals counts as one in which nobody looked. */
async function observed(isWell: boolean, check: Check, old_looked_at: string | undefined, io: Io): Promise<number> {
  const now = io.clock.now();
  const { well_ms: before = 0, looked_at: at } = io.intent ?? {};
  const sinceMs = at === undefined ? 0 : now.getTime() - new Date(at).getTime();
  const isSeen = sinceMs <= 2 * (check.interval_seconds + check.timeout_seconds) * 1000;
  const wellMs = isWell && isSeen ? before + Math.max(0, sinceMs) : before;
  await io.intend({ well_ms: wellMs, looked_at: now.toISOString(), ...(old_looked_at && { old_looked_at }) });
  return wellMs;
}

/** What the ledger says: that it is gone was found out on the way back from here (rule 43). */
const isOldGone = async (input: Reads["input"], io: Io): Promise<boolean> =>
  (await liveRow(io.db, droplet.name, String(input.droplet_id))) === undefined;
