/**
 * The saga engine alone, with somebody else's domain: a trip is booked, and what was booked is given back when the rest
 * cannot be. Play it: `node examples/trip.ts`, `node examples/trip.ts --full hotel`, `node examples/trip.ts --full train`.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { after, systemClock as clock } from "#clock.ts";
import { openDatabase } from "#db/connection.ts";
import { start } from "#engine/start.ts";
import { PermanentError } from "#engine/failure.ts";
import { plainEngine, workPlainly } from "#engine/plain-engine.ts";
import { anySaga, Saga } from "#engine/saga.ts";
import { type Attempt, snooze, type Step } from "#engine/step.ts";
import { systemIds } from "#ids.ts";
import { openLog } from "#log.ts";
import { startTestServer } from "#proof/server.ts";

/** The outside world of this domain: seats and rooms, some of which are taken. */
interface Agency {
  book(what: "train" | "hotel", forWhom: string): number;
  giveBack(what: "train" | "hotel", number: number): void;
}

const step = <Name extends string, Reads, Output extends object>(it: Step<Name, Reads, Output, never, Agency>) => it;
interface Traveller {
  readonly input: { readonly name: string; readonly insured: boolean };
}

const bookTrain = step({
  name: "book_train",
  writes: z.object({ seat: z.int() }),
  execute: async ({ input }: Traveller, agency) => ({ seat: agency.book("train", input.name) }),
  compensate: async ({ seat }, agency) => (seat === undefined ? undefined : agency.giveBack("train", seat)),
});

const bookHotel = step({
  name: "book_hotel",
  writes: z.object({ room: z.int() }),
  execute: async ({ input }: Traveller, agency) => ({ room: agency.book("hotel", input.name) }),
  compensate: async ({ room }, agency) => (room === undefined ? undefined : agency.giveBack("hotel", room)),
});

/** Only some trips have it: whether one does is decided when it starts, and stored with it. */
const insure = step({
  name: "insure",
  writes: z.object({ policy: z.string() }),
  execute: async ({ input, seat }: Traveller & { readonly seat: number }) => ({ policy: `${input.name}-${seat}` }),
  compensate: async () => undefined,
});

/** Waits without a worker: the saga is a row with a time meanwhile. */
const waitForDeparture = step({
  name: "wait_for_departure",
  writes: z.object({}),
  execute: async (_reads: object, io: Agency & Attempt<never>) =>
    clock.now() < after(io.startedAt, 1500) ? snooze(after(io.startedAt, 1500), "the train to leave") : {},
  compensate: async () => undefined,
});

/** Once the train has left there is no way back. */
const thank = step({
  name: "thank",
  writes: z.object({}),
  execute: async ({ room, policy }: { readonly room: number; readonly policy?: string }) => {
    console.log(`  room ${room}${policy === undefined ? "" : `, insured as ${policy}`}: have a good time`);
    return {};
  },
  compensate: async () => undefined,
});

const input = z.object({ name: z.string(), insured: z.boolean() });
const trip = new Saga<z.output<typeof input>, Traveller, Agency>("trip", input)
  .step(bookTrain)
  .step(bookHotel)
  .step(insure, { when: ({ input: { insured } }) => insured })
  .step(waitForDeparture)
  .pivot(thank);

const { values } = parseArgs({ options: { full: { type: "string" }, insured: { type: "boolean", default: false } } });
let last = 100;
const agency: Agency = {
  book(what, forWhom) {
    if (values.full === what) throw new PermanentError("full", `No ${what} has room for ${forWhom}`);
    last += 1;
    console.log(`  the ${what} is booked for ${forWhom}: ${last}`);
    return last;
  },
  giveBack: (what, number) => console.log(`  the ${what} is given back: ${number}`),
};

const log = openLog("silent");
const ids = systemIds(clock);
const server = await startTestServer();
const url = Object.assign(new URL(server.adminUrl), { pathname: `/${server.template}` }).href;
const database = openDatabase(url, { log });
const engine = plainEngine(database.db, [anySaga<Agency>(trip)], agency, { clock, ids });
const worker = workPlainly(engine, { url, ...database }, 5);
try {
  const traveller = { name: "Ada", insured: values.insured };
  const id = await database.db.transaction().execute((tx) => start({ clock, ids }, tx, trip, traveller));
  console.log(`A trip for ${traveller.name}, saga ${id}`);
  for (;;) {
    const { rows } = await database.pool.query<{ status: string }>("select status from sagas where id = $1", [id]);
    if (["completed", "rolled_back", "stuck"].includes(rows[0]?.status ?? "")) break;
    await clock.sleep(100, new AbortController().signal);
  }
  const events = await database.pool.query<{ type: string; data: { name?: string; status?: string } }>(
    "select type, data from saga_events where saga_id = $1 order by sequence",
    [id],
  );
  for (const { type, data } of events.rows) console.log(`  ${type === "saga" ? "saga" : data.name}: ${data.status}`);
} finally {
  await worker.stop(1000);
  await database.close();
  await server.stop();
}
