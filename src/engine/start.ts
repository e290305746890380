import type { Insertable } from "kysely";
import type { z } from "zod";
import type { Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import { prepared } from "#db/prepared.ts";
import type { Sagas } from "#db/schema.ts";
import type { Ids } from "#ids.ts";
import { endedStatuses } from "#saga-ended.ts";
import { createBatches } from "./batches.ts";
import type { Plan } from "./plan.ts";
import { SagaRefusal } from "./refusal.ts";
import type { SagaRow } from "./rows.ts";
import { ring } from "./store.ts";

/** What asking something of a saga needs: no worker, no outside world. */
export interface Desk {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What a saga is about: columns of its row that the engine only stores. */
export interface Subject {
  readonly columns: Partial<Insertable<Sagas>>;
  /** Of these columns, what only one live saga may be about at a time. */
  readonly alone: readonly (keyof SagaRow)[];
}

/** Of a saga that may not begin before a person lets it: why. */
export interface Hold {
  readonly reason: string;
}

const nothing: Subject = { columns: {}, alone: [] };

/** As much of a saga's definition as starting one takes. */
export interface Startable<Input> {
  readonly name: string;
  readonly input: z.ZodType<Input>;
  readonly plan: (input: Input) => Plan;
}

/**
 * Writes a saga that will run once the caller's transaction commits, or, with `hold`, when it is let go. @returns its id
 * @throws {SagaRefusal} `saga_running` when another live saga is about what only one may be about
 */
export async function start<Input>(
  desk: Desk,
  tx: Tx,
  definition: Startable<Input>,
  input: Input,
  subject: Subject = nothing,
  hold?: Hold,
): Promise<string> {
  const rival = await liveSagaOf(tx, subject);
  if (rival) throw new SagaRefusal("saga_running", `Saga ${rival} is still running; wait for its end or cancel it`);
  const saga = beginningOf(desk, definition, input, { ...subject.columns, ...(hold && heldFor(hold)) });
  await insertSagas(tx, [saga]);
  await ring(tx);
  return saga.row.id;
}

const heldFor = ({ reason }: Hold): Subject["columns"] => ({ status: "held", due_at: null, waiting_for: reason });

/** Starts sagas of this program's own, whose starts have nothing else to commit: those that come at once, together. */
export interface Starter {
  /** @returns the saga's id, once it is committed */
  start<Input>(definition: Startable<Input>, input: Input): Promise<string>;
}

export function createStarter(desk: Desk & { readonly db: Db }): Starter {
  interface Waiting {
    readonly saga: Beginning;
    readonly settle: (started: Promise<string>) => void;
  }
  const commit = (take: () => readonly Waiting[]): Promise<readonly Waiting[]> =>
    desk.db.transaction().execute(async (tx) => {
      const taken = take();
      await insertSagas(
        tx,
        taken.map(({ saga }) => saga),
      );
      await ring(tx);
      return taken;
    });
  const batches = createBatches<Waiting>({
    flights: 2,
    most: 200,
    async fly(take) {
      let taken: readonly Waiting[] | undefined;
      try {
        await commit(() => (taken ??= take()));
        for (const { saga, settle } of taken ?? []) settle(Promise.resolve(saga.row.id));
      } catch (error) {
        // Of several, one may be at fault: each is tried by itself.
        const [only, ...others] = (taken ??= take());
        for (const one of others.length > 0 ? taken : []) one.settle(commit(() => [one]).then(() => one.saga.row.id));
        if (only && others.length === 0) only.settle(Promise.reject(error));
      }
    },
  });
  return {
    start: (definition, input) =>
      new Promise((settle) => batches.add({ saga: beginningOf(desk, definition, input, {}), settle })),
  };
}

/** A saga that is about to be inserted. */
interface Beginning {
  readonly row: Insertable<Sagas> & { readonly id: string };
  readonly plan: Plan;
}

function beginningOf<Input>(
  { ids, clock }: Desk,
  { name, input: shape, plan }: Startable<Input>,
  given: Input,
  columns: Subject["columns"],
): Beginning {
  const now = clock.now();
  const input = shape.parse(given);
  const row = { id: ids.uuid(), name, status: "pending" as const, created_at: now, due_at: now, event_sequence: 1 };
  const planned = plan(input);
  return {
    row: { ...row, input: input as Beginning["row"]["input"], pivot: planned.pivot, ...columns },
    plan: planned,
  };
}

const insertions = new Map<string, ReturnType<typeof prepared<never>>>();

/** Inserts sagas that have values for these columns, each with its plan and the first event of its history. */
function insertionOf(columns: string): ReturnType<typeof prepared<never>> {
  const known = insertions.get(columns);
  if (known) return known;
  const made = prepared<never>(`
    with saga as (
      insert into sagas (${columns}) select ${columns} from jsonb_populate_recordset(null::sagas, $1::jsonb)
    ), event as (
      insert into saga_log (saga_id, sequence, at, type, data)
      select id, 1, created_at, 'saga', jsonb_build_object('status', status, 'name', name)
      from jsonb_populate_recordset(null::sagas, $1::jsonb)
    )
    insert into saga_steps (saga_id, "position", name, status, undo_after)
    select saga_id, "position", name, 'pending', undo_after from jsonb_populate_recordset(null::saga_steps, $2::jsonb)
  `);
  insertions.set(columns, made);
  return made;
}

/** @param sagas all with values for the same columns */
async function insertSagas(tx: Tx, sagas: readonly Beginning[]): Promise<void> {
  const [first] = sagas;
  if (!first) return;
  const columns = Object.keys(first.row)
    .map((column) => `"${column}"`)
    .join(", ");
  const steps = sagas.flatMap(({ row, plan }) =>
    plan.steps.map(({ name, undoAfter }, position) => ({ saga_id: row.id, position, name, undo_after: undoAfter })),
  );
  await insertionOf(columns)(tx, [JSON.stringify(sagas.map(({ row }) => row)), JSON.stringify(steps)]);
}

async function liveSagaOf(tx: Tx, { columns, alone }: Subject): Promise<string | undefined> {
  const held = Object.entries(columns).flatMap(([column, value]) => {
    const name = alone.find((it) => it === column);
    return name !== undefined && value !== null && value !== undefined ? [{ name, value }] : [];
  });
  if (held.length === 0) return undefined;
  const found = await tx
    .selectFrom("sagas")
    .select("id")
    .where("status", "not in", endedStatuses)
    .where((where) => where.or(held.map(({ name, value }) => where(name, "=", value))))
    .executeTakeFirst();
  return found?.id;
}
