import { z } from "zod";
import { after } from "#clock.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction, snooze } from "#engine/step.ts";
import type { Answer } from "#probes/ask.ts";
import { askEach } from "#probes/ask-each.ts";
import type { Check, Question } from "#probes/check.ts";
import { PathDown } from "#probes/prober.ts";
import { forgetHealth, healthOf, noteHealth } from "#probes/queries.ts";
import { type Health, judge } from "#probes/verdict.ts";
import { untilLedBack } from "../no-way-back.ts";
import { step, type StepContext } from "../step-context.ts";

interface Asked {
  readonly deployment_id: string;
  readonly hostname: string;
  /** Null: this step is left out. */
  readonly health_check: Check | null;
}

interface Reads {
  readonly input: Asked;
  readonly droplet_id: number;
  readonly droplet_public_ip: string;
  /** Of a saga that has made it lead there by now. */
  readonly reserved_ip?: string | undefined;
}

/** The longest that a check may give an app, which the engine's own deadline must not cut. Milliseconds. */
const longestMs = 7200_000 + 600_000;

type Io = StepContext & Attempt<never>;

/** Until the app on the new droplet answers as its check wants; before DNS leads anybody there. */
export const waitNewDropletHealthy = step({
  name: "wait_new_droplet_healthy",
  writes: z.object({}),
  undoAfter: untilLedBack,
  budget: () => ({ tries: 8, ms: longestMs }),

  async execute({ input, droplet_id, droplet_public_ip: address, reserved_ip: reserved }: Reads, io: Io) {
    const check = input.health_check;
    const question = check?.before_dns ?? check;
    return check && question ? healthy(input, { droplet_id, address, reserved, check, question }, io) : {};
  },

  async compensate({ input, droplet_id }) {
    return inTransaction((tx) => forgetHealth(tx, { deployment_id: input.deployment_id, provider_id: droplet_id }));
  },
});

/** Until the app on a droplet that serves already, and was off or has another disk, answers as its check wants. */
export const waitHealthy = step({
  name: "wait_healthy",
  writes: z.object({}),
  budget: () => ({ tries: 8, ms: longestMs }),

  async execute({ input }: { readonly input: Asked & { droplet_id: number; address: string | null } }, io: Io) {
    const { health_check: check, address, droplet_id } = input;
    return check && address ? healthy(input, { droplet_id, address, check, question: check }, io) : {};
  },

  /** What is known of it goes on from here: it is asked again every minute. */
  async compensate() {},
});

interface Target {
  readonly droplet_id: number;
  readonly address: string;
  readonly reserved?: string | undefined;
  readonly check: Check;
  /** What is asked now. */
  readonly question: Question;
}

async function healthy({ deployment_id, hostname }: Asked, it: Target, io: Io) {
  const { droplet_id, address, reserved, check, question } = it;
  const asked = { whose: deployment_id, serves: false };
  const how = { timeoutMs: check.timeout_seconds * 1000, signal: io.signal };
  const answer = await askEach(io.prober, asked, question, { address, reserved, hostname }, how);
  const now = io.clock.now();
  const path = io.prober.pathBesides(deployment_id);
  const key = { deployment_id, provider_id: droplet_id };
  const known = await healthOf(io.db, key);
  // What was known before the step began is of another app.
  const before = known && known.since >= io.startedAt ? known : fresh(now);
  const health = judgeNew(before, answer, check, now);
  if (health.state === "healthy")
    return inTransaction(async (tx) => {
      await noteHealth(tx, key, health, now);
      return {};
    });
  const app = `the app on droplet ${droplet_id}`;
  // Nobody answers us: that is not its fault, and its time stands still.
  if (answer.kind === "silent" && path === "down")
    throw new PathDown(`the way to ${app}: ${answer.said}, and no other deployment answers either`);
  // The engine's deadline moves when time stands still, and this one with it.
  const deadline = after(io.deadline, check.deadline_seconds * 1000 - longestMs);
  if (now >= deadline) {
    // Where nothing leads back, somebody has to know of it.
    const overdue = judge(before, answer, "reaches", check, now);
    await io.commit((tx) => noteHealth(tx, key, overdue, now));
    throw new PermanentError(
      "droplet_unhealthy",
      `The app on droplet ${droplet_id} (${address}) was not healthy within ${check.deadline_seconds} s, by ` +
        `${question.protocol} on port ${question.port}. Its last answer: ${answer.said}`,
    );
  }
  await io.commit((tx) => noteHealth(tx, key, health, now));
  const next = after(now, check.interval_seconds * 1000);
  return snooze(next < deadline ? next : deadline, `${app} to be healthy (${health.reason ?? answer.said})`);
}

const fresh = (now: Date): Health => ({ state: "unknown", since: now, reason: null, successes: 0, failures: 0 });

/** One that was never healthy is not unhealthy: it is starting. */
function judgeNew(before: Health, answer: Answer, check: Check, now: Date): Health {
  const judged = judge(before, answer, "reaches", check, now);
  return judged.state === "unhealthy" ? { ...judged, state: "unknown", since: before.since } : judged;
}
