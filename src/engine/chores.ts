import { CronExpressionParser } from "cron-parser";
import type { Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { prepared, statement } from "#db/prepared.ts";
import { ring } from "./store.ts";

/** Work that is nobody's saga: done once for all workers, on a schedule or on demand. */
export interface Chore {
  readonly name: string;
  /** How often it has been begun, this time included. */
  readonly begun: number;
  /** Whether somebody has asked for it; else its time had come. */
  readonly asked: boolean;
}

/** Chores, each of which a row says when it is to be done next: that row is its queue. */
export interface ChoreQueue {
  /** Has it done soon, and once more where it is being done just now. */
  requestChore(tx: Tx, name: string): Promise<void>;
  /** When the next one is to be done; undefined: none, before somebody asks for one. */
  nextChoreAt(): Promise<Date | undefined>;
  /** Takes all that are due, in the order of their names. What is asked for and not done by who dies with it comes at its next time. */
  fetchChores(): Promise<readonly Chore[]>;
  completeChore(chore: Chore): Promise<void>;
  /** Gives a chore back, to be done from `at` on, and not before however often it is asked for. */
  putOffChore(chore: Chore, at: Date): Promise<void>;
  /** Makes the schedules exactly these: chore name to cron line (UTC). A time that nobody was there for is made up once. */
  schedule(chores: ReadonlyMap<string, string>): Promise<void>;
  /** Whether the queue answers. */
  isReady(): Promise<boolean>;
}

const readNext = prepared<{ at: Date | null }>(
  "select min(greatest(due_at, put_off_until)) as at from chores where due_at is not null",
);
const request = statement<never>(`
  insert into chores (name, due_at, asked) values ($1, $2, 1)
  on conflict (name) do update set due_at = least(chores.due_at, excluded.due_at), asked = chores.begun + 1
`);
/** Each gets its next time by that: that one is over need not be written, but of those that somebody asked for. */
const takeDue = statement<Chore>(`
  with due as (
    select name from chores where due_at <= $1 and (put_off_until is null or put_off_until <= $1)
    order by name for update skip locked
  ), next as (
    select due.name, line.at from due left join unnest($2::text[], $3::timestamptz[]) as line (name, at) using (name)
  )
  update chores set begun = begun + 1, due_at = next.at, put_off_until = null from next where chores.name = next.name
  returning chores.name, chores.begun, chores.asked is not null as asked
`);
const complete = statement<never>("update chores set asked = null where name = $1 and asked = $2");
const putOff = statement<never>(`
  update chores set due_at = least(due_at, $2), put_off_until = $2, asked = case when asked is not null then begun + 1 end
  where name = $1
`);
const addScheduled = statement<never>(`
  insert into chores (name, due_at) select name, at from unnest($1::text[], $2::timestamptz[]) as line (name, at)
  on conflict (name) do update set due_at = least(chores.due_at, excluded.due_at)
`);
const dropOthers = statement<never>("delete from chores where name <> all($1)");

export function choreQueue(db: Db, clock: Clock): ChoreQueue {
  let lines: ReadonlyMap<string, string> = new Map();
  /** The names of those that are scheduled, and when each is to be done after `now`. */
  const scheduled = (now: Date): [names: string[], times: Date[]] => [
    [...lines.keys()],
    [...lines.values()].map((line) => nextTime(line, now)),
  ];
  return {
    async requestChore(tx, name) {
      await request(tx, [name, clock.now()]);
      await ring(tx);
    },
    async nextChoreAt() {
      const [next] = await readNext(db, []);
      return next?.at ?? undefined;
    },
    async fetchChores() {
      const now = clock.now();
      const taken = await takeDue(db, [now, ...scheduled(now)]);
      // A statement that changes rows gives them in any order.
      return taken.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async completeChore({ name, begun, asked }) {
      if (asked) await complete(db, [name, begun]);
    },
    async putOffChore({ name }, at) {
      await putOff(db, [name, at]);
    },
    async schedule(chores) {
      lines = chores;
      const [names, times] = scheduled(clock.now());
      await addScheduled(db, [names, times]);
      await dropOthers(db, [names]);
    },
    async isReady() {
      await readNext(db, []);
      return true;
    },
  };
}

const nextTime = (line: string, now: Date): Date =>
  CronExpressionParser.parse(line, { tz: "UTC", currentDate: now }).next().toDate();
