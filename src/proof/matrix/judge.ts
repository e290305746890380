import { brokenInvariants } from "../invariants.ts";
import type { Scenario } from "../scenarios.ts";
import type { Actor } from "../stage/actor.ts";
import { secrets, type Stage } from "../stage/stage.ts";
import type { Stranger } from "./dns.ts";
import { factsOf } from "./facts.ts";
import { faults, isLie } from "./faults.ts";
import type { Trial } from "./trial.ts";

/** What a trial has seen on its way that its end does not show. */
export interface Seen {
  readonly scenario: Scenario;
  readonly trial: Trial;
  readonly sagaId: string;
  readonly stranger: Pick<Stranger, "left" | "unmade" | "remade">;
  /** Whether an operator asked for its end, and was not refused. */
  readonly cancelled: boolean;
  /** Requests that were sent although a Retry-After had not passed. */
  readonly tooSoon: readonly string[];
  readonly frozen: readonly Actor[];
}

/** @returns what does not hold once everything has ended and the dust has settled, and the saga's status */
export async function judge(stage: Stage, seen: Seen): Promise<{ broken: string[]; status: string }> {
  const { db, simulator, otherAccount, logged, person } = stage;
  const { recordsBefore = [] } = seen.scenario;
  const rest = {
    db,
    truth: simulator.state(),
    secrets: Object.values(secrets),
    logged,
    recordsBefore,
    theirs: person.theirs,
    lost: person.lost,
  };
  const { left: strangers, unmade } = seen.stranger;
  const remade = seen.stranger.remade.map(({ id }) => id);
  const isRetouched = seen.trial.some((it) => it.kind === "retouch");
  const broken = await stage.perform(
    brokenInvariants({
      ...rest,
      strangers,
      unmade,
      remade,
      isRetouched,
      turnedOn: person.turnedOn,
      lostDroplets: person.lostDroplets,
    }),
  );
  const { status } = await stage.perform(
    db.selectFrom("sagas").select("status").where("id", "=", seen.sagaId).executeTakeFirstOrThrow(),
  );
  if (status === "stuck") broken.push(`5: saga ${seen.sagaId} is stuck, though nothing keeps refusing it`);
  if (seen.cancelled && status === "completed") broken.push(`5: saga ${seen.sagaId} was cancelled and has completed`);
  const { fails = false } = seen.scenario;
  if (mustSucceed(seen.trial) && !fails && status !== wellEnded(seen.scenario))
    broken.push(`9: saga ${seen.sagaId} is ${status}, though nothing that happened forbade it to succeed`);
  if (mustSucceed(seen.trial) && !mayFindOtherwise(seen.trial) && fails && status !== "rolled_back")
    broken.push(`9: saga ${seen.sagaId} is ${status}, though it was to be refused`);
  if (otherAccount.state().created_total > 0) broken.push("10: something was made in another account");
  // Whoever died or froze before it could tell the others what it was answered is excused.
  if (seen.trial.every((it) => it.kind === "fault"))
    broken.push(...seen.tooSoon.map((what) => `11: ${what} was sent before its Retry-After had passed`));
  broken.push(...choresAtFault(logged));
  if (seen.frozen.some((actor) => actor.state === "frozen")) broken.push(...(await thawLate(stage, seen.frozen)));
  return { broken, status };
}

/** What of the provider's or the database's keeps a chore from its work is no fault of it; what it cannot read itself is. */
const choresAtFault = (logged: readonly string[]): string[] =>
  logged
    .filter((line) => line.includes("A chore failed") && /"type":"(?:Zod|Type|Range|Reference)Error"/.test(line))
    .map((line) => `22: a chore failed by a fault of its own: ${line.slice(0, 300)}`);

const wellEnded = ({ held }: Scenario): string => (held === "withdrawn" ? "rolled_back" : "completed");

/** Whether an answer was not true, or so much time has passed that what forbids a saga to succeed may be over. */
const mayFindOtherwise = (trial: Trial): boolean =>
  trial.some(
    (it) =>
      isLie(it) ||
      ["outdated", "away", "asleep", "outage"].includes(it.kind) ||
      (it.kind === "fault" && faults.some(({ name, bend }) => bend !== undefined && name === it.fault)),
  );

/** What a saga has to survive: it has to succeed then, and not only to end well. */
const mustSucceed = (trial: Trial): boolean =>
  trial.every((it) => {
    if (it.kind === "fault") return !faults.some(({ name, isRefusal }) => isRefusal && name === it.fault);
    return !["cancel", "stranger", "fail", "hides", "remake", "lose", "lose-newest", "turn-on"].includes(it.kind);
  });

/** 7: whoever was frozen until all was over changes nothing any more. */
async function thawLate(stage: Stage, frozen: readonly Actor[]): Promise<string[]> {
  const before = await stage.perform(factsOf(stage));
  for (const actor of frozen) stage.scheduler.thaw(actor);
  const later = stage.scheduler.now() + 45_000;
  await stage.scheduler.run(() => stage.scheduler.now() > later);
  const now = await stage.perform(factsOf(stage));
  return before === now ? [] : ["7: a frozen worker that woke up changed something"];
}
