import { Writable } from "node:stream";
import type { Clock } from "#clock.ts";
import { readConfig, type Timing } from "#config.ts";
import type { Db, Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { createBudget } from "#providers/digitalocean/budget.ts";
import { createDigitalOcean, type DigitalOcean } from "#providers/digitalocean/client.ts";
import type { Desk } from "#engine/start.ts";
import type { AnySaga } from "#engine/saga.ts";
import { type Ids, idsFrom } from "#ids.ts";
import type { Ask } from "#probes/ask.ts";
import { createProber } from "#probes/prober.ts";
import { openLog } from "#log.ts";
import { noteLife } from "#main/lives.ts";
import { type RunningWorker, startEngine } from "#main/run-worker.ts";
import { allSagas } from "#sagas/all.ts";
import { createSagas } from "#sagas/create-sagas.ts";
import { doubtAndResume } from "#sagas/restored.ts";
import type { Sagas } from "#sagas/start.ts";
import type { StepContext } from "#sagas/step-context.ts";
import { type SecretBox, secretBox } from "#secrets/secret-box.ts";
import { usualOwner } from "#simulator/access.ts";
import { chance, seededBytes } from "#simulator/chance.ts";
import { createSimulator, type Simulator } from "#simulator/simulator.ts";
import { type Actor, newActor } from "./actor.ts";
import { clockOf } from "./clock.ts";
import { firstLife, type ProofDatabase, startsAt } from "./database.ts";
import { databaseOf } from "./dialect.ts";
import { type ChoreQueue, choreQueue } from "#engine/chores.ts";
import { createPerson, type Person } from "./person.ts";
import { createScheduler, type Director, type Scheduler } from "./scheduler.ts";
import { createSession, type Session } from "./session.ts";
import { createWire, type Interference, type ProviderCall } from "./wire.ts";

export const zone = "example.com";
/** Of the same account, and configured where a server was started with another ARCADIA_DOMAIN. */
export const otherZone = "example.org";
/** Under this name a deployment stands beside the one that a scenario is about: nobody touches it. */
export const bystander = "beside";
/** With which a person works in the account, not through the product: their requests are none of our budget's. */
export const personsToken = "dop_v1_planted_token_of_a_person";
/** Planted where a secret is, and looked for where none may be. */
export const secrets = { token: "dop_v1_planted_token_0123456789", userData: "#cloud-config planted-user-data" };

/** How long what a worker has in hand may take until its next commit, once it is to stop: shorter than some requests take. */
const graceMs = 40;

/** What a proof puts in the place of the product's own parts: how the planted bugs get in. */
export interface Alterations {
  readonly timing?: Partial<Timing>;
  readonly sagas?: (sagas: ReadonlyMap<string, AnySaga<StepContext>>) => ReadonlyMap<string, AnySaga<StepContext>>;
  /** What is done to a saga in the transaction that starts it. */
  readonly begun?: (tx: Tx, sagaId: string) => Promise<void>;
  readonly digitalOcean?: (client: DigitalOcean) => DigitalOcean;
  readonly db?: (db: Db) => Db;
  /** Rewrites a worker's statement. */
  readonly sql?: (text: string) => string;
}

/** What somebody else has left, and the stage goes on with. */
export interface LeftBehind {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The provider's account, as the simulator saves it. */
  readonly account: unknown;
}

export interface StageOptions {
  /** Emptied first, unless what it holds was left behind. */
  readonly database: ProofDatabase;
  readonly leftBehind?: LeftBehind;
  readonly seed: number;
  readonly director?: Director;
  readonly pick?: (count: number) => number;
  readonly interfere?: (call: ProviderCall) => Interference | undefined;
  readonly latencyMs?: () => number;
  readonly tooSoon?: (what: string) => void;
  readonly bootMs?: number;
  readonly lagMs?: number;
  /** For how long the clocks of all that is ours stand still. */
  readonly tickMs?: number;
  /** The provider's, by default the simulator's. */
  readonly dropletLimit?: number;
  /** Of each worker, by default few: then who takes what is worth a proof. */
  readonly slots?: number;
  /** By default the product's. */
  readonly sagas?: ReadonlyMap<string, AnySaga<StepContext>>;
  readonly alter?: Alterations;
}

/** A world of its own: virtual time, a provider, a database, an operator, and as many workers as are started. */
export interface Stage {
  readonly scheduler: Scheduler;
  readonly simulator: Simulator;
  readonly sagas: Sagas;
  readonly sagasOfOtherZone: Sagas;
  /** For sagas that the product does not have. */
  readonly desk: Desk;
  /** As an operator asks for a sync. */
  readonly chores: Pick<ChoreQueue, "requestChore">;
  readonly operator: Actor;
  /** The operator's: what a request to the API does, it does through this. */
  readonly db: Db;
  readonly ids: Ids;
  readonly timing: Timing;
  readonly box: SecretBox;
  /** Every log line of every worker. */
  readonly logged: readonly string[];
  /** What operators were told before they asked for something, a line each. */
  readonly previews: string[];
  /** Whether no saga is to be run any more: all have ended, or need a human. */
  readonly isQuiet: () => Promise<boolean>;
  /** @param token whose: ours, or another account's @param release makes its sagas, where it is of another one */
  startWorker(name: string, token?: "ours" | "another's", release?: Alterations["sagas"]): Actor;
  /** As whoever brings a release about stops the one before it: what it has in hand it is to hand back. */
  stopWorker(actor: Actor): void;
  /** From now on no worker is told of what the database notifies, as if there were a pooler in between: it knows, and looks itself. */
  deafen(): void;
  /** Another account, which nothing of ours may ever touch. */
  readonly otherAccount: Simulator;
  /** Somebody else of our account. */
  readonly person: Person;
  /** A standby gets what is committed by now, and nothing that is committed later. */
  replicate(): void;
  /** The standby takes over, once whoever works is dead: the database goes on in another life, without what it did not get. */
  failOver(): Promise<unknown>;
  /** As `arcadia restore --hold` of a backup that was taken at that moment. */
  restoreHeld(): Promise<unknown>;
  /** Lets everything go on until `work` is done. */
  perform<T>(work: Promise<T>): Promise<T>;
}

export async function createStage(options: StageOptions): Promise<Stage> {
  const { database, seed, leftBehind, alter = {} } = options;
  if (!leftBehind) await database.reset();
  const scheduler = createScheduler({
    start: leftBehind?.at ?? startsAt.getTime(),
    director: options.director ?? (() => undefined),
    pick: options.pick ?? (() => 0),
  });
  const session = createSession(database, scheduler);
  const operator = newActor("operator");
  const clock = clockOf(scheduler, operator, options.tickMs);
  const { bootMs = 12_000, lagMs = 1500, slots = 10, dropletLimit } = options;
  const account = {
    clock: clockOf(scheduler, operator),
    bootMs,
    lagMs,
    getLagMs: lagMs,
    token: secrets.token,
    owners: { [personsToken]: usualOwner },
    domain: zone,
    dropletLimit,
    strangers: true,
    // A droplet that is active is not yet one that serves.
    appStartMs: 6000,
  };
  const simulator = createSimulator({ ...account, ...(leftBehind ? { savedState: leftBehind.account } : { seed }) });
  const otherAccount = createSimulator({ ...account, seed: seed + 1 });
  const wire = createWire({
    scheduler,
    simulator,
    latencyMs: options.latencyMs ?? (() => 60),
    interfere: options.interfere ?? (() => undefined),
    ...(options.tooSoon && { tooSoon: options.tooSoon }),
  });
  const box = secretBox(Buffer.alloc(32, 7));
  // Waiting costs time here too.
  const timing = { ...readConfig({ ARCADIA_DNS_TTL_SECONDS: "60" }).timing, ...alter.timing };
  const config = { ...readConfig({ ARCADIA_WORKER_SLOTS: `${slots}` }), timing };
  const logged: string[] = [];
  const log = openLog("debug", lineWriter(logged));
  const plainSagas = options.sagas ?? allSagas;
  const sagas = alter.sagas?.(plainSagas) ?? plainSagas;
  const idsOf = (actor: Actor): Ids =>
    idsFrom(clock, seededBytes(Math.floor(chance(seed, `ids of ${actor.name}`) * 2 ** 32)));
  const ids = idsOf(operator);

  let isDeaf = false;
  const workers = new Map<Actor, RunningWorker>();
  const startWorker: Stage["startWorker"] = (name, whose = "ours", release = (ours) => ours) => {
    const actor = newActor(name);
    const own = { clock: clockOf(scheduler, actor, options.tickMs), ids: idsOf(actor), log };
    const plainDb = databaseOf(session, actor, alter.sql);
    const db = alter.db?.(plainDb) ?? plainDb;
    const budget = createBudget({ ...own, db });
    const token = secrets.token;
    const fetch = wire(actor, whose === "ours" ? simulator : otherAccount);
    const real = createDigitalOcean({ ...own, baseUrl: "http://127.0.0.1", token, budget, fetch });
    const parts = {
      ...own,
      config,
      db,
      queue: choreQueue(db, own.clock),
      digitalOcean: alter.digitalOcean?.(real) ?? real,
      sagas: release(sagas),
      prober: createProber({ clock: own.clock, ask: stageAsk(own.clock, whose === "ours" ? simulator : otherAccount) }),
      provider: { zone, simulated: true },
      secrets: box,
      hears: () => !isDeaf,
    };
    startEngine(parts).then(
      (running) => {
        workers.set(actor, running);
        session.onRing(() => isDeaf || scheduler.at(actor, scheduler.now() + 1, () => running.worker.ring()));
        scheduler.onClose(() => void running.stop(0));
      },
      (error: unknown) => scheduler.fail(error),
    );
    return actor;
  };

  const desk = { clock, ids };
  const isQuiet = quiet(database, session);
  const db = databaseOf(session, operator);
  let { timeline } = firstLife;
  const inOrder = (work: Promise<void>): void => void work.catch((error: unknown) => scheduler.fail(error));
  return {
    scheduler,
    simulator,
    otherAccount,
    person: createPerson(simulator, personsToken),
    operator,
    db,
    sagas: createSagas({ ...desk, zone, secrets: box }),
    sagasOfOtherZone: createSagas({ ...desk, zone: otherZone, secrets: box }),
    desk,
    chores: choreQueue(db, clock),
    ids,
    timing,
    box,
    logged,
    previews: [],
    isQuiet,
    startWorker,
    stopWorker: (actor) =>
      void workers
        .get(actor)
        ?.stop(graceMs)
        .catch((error: unknown) => scheduler.fail(error)),
    deafen: () => void (isDeaf = true),
    replicate: () => inOrder(database.keep()),
    failOver() {
      inOrder(database.recall());
      session.outdate();
      timeline += 1;
      return noteLife({ ids, log }, db, { ...firstLife, timeline, now: new Date(scheduler.now()) });
    },
    restoreHeld() {
      inOrder(database.recall());
      session.outdate();
      const now = new Date(scheduler.now());
      return transact(db, (tx) => doubtAndResume(tx, { ids, now, hold: true }));
    },
    async perform(work) {
      let settled = false;
      const watched = work.finally(() => (settled = true));
      // Its failure is the caller's to see, once the loop has stopped.
      watched.catch(() => undefined);
      await scheduler.run(() => settled);
      return watched;
    },
  };
}

/** The way to the droplets of a simulator that has no sockets. */
const stageAsk =
  (clock: Clock, { reach }: Pick<Simulator, "reach">): Ask =>
  async (_question, { address }, { timeoutMs, signal }) => {
    const reached = reach(address);
    if (reached === "refused") return { kind: "unhealthy", said: "the connection is refused" };
    const takes = reached === "unroutable" ? Infinity : reached.delayMs + 20;
    await clock.sleep(Math.min(takes, timeoutMs), signal);
    if (reached === "unroutable" || takes > timeoutMs) return { kind: "silent", said: "no answer in time" };
    return { kind: reached.status === 200 ? "healthy" : "unhealthy", said: `${reached.status}` };
  };

/** Whether no saga is due, now or later; asked of the database where a saga may have changed since. */
function quiet(database: ProofDatabase, session: Session): () => Promise<boolean> {
  let asked = -1;
  let answer = false;
  return async () => {
    if (asked === session.changes()) return answer;
    asked = session.changes();
    const { rows } = await database.send("select 1 from sagas where due_at is not null limit 1", []);
    answer = rows.length === 0;
    return answer;
  };
}

function lineWriter(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
}
