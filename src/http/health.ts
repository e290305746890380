import { z } from "zod";
import { health, readiness } from "#api/health.ts";
import { paths } from "#api/paths.ts";
import { type ProviderRow, readProvider } from "#catalogue/queries.ts";
import { after, type Clock } from "#clock.ts";
import { remarkOn } from "#provider/account.ts";
import { troubledContacts } from "#provider/contacts.ts";
import type { Routes } from "./app.ts";
import { presentContact } from "./present.ts";

/** How long the server waits, from its start, for a worker to read the provider's catalogue. */
const patience = 10_000;
/** How long a look at the database or the queue may take: a frozen one does not answer at all. */
const lookMs = 3000;

export const healthRoutes: Routes = (app, { db, clock, queueReady, metrics, log }) => {
  const startedAt = clock.now();
  const looker = <T>(what: string, look: () => Promise<T>) => {
    const ask = shared(look);
    return async (): Promise<T | undefined> => {
      try {
        return await within(clock, lookMs, ask());
      } catch (error) {
        log.warn({ err: error }, `The ${what} cannot be reached; the server is not ready`);
        return undefined;
      }
    };
  };
  const database = looker("database", () => Promise.all([readProvider(db), troubledContacts(db, clock.now())]));
  const queueAnswers = looker("queue", queueReady);

  app.get(paths.health, { schema: { summary: "Whether the process answers", response: { 200: health } } }, () => ({
    status: "ok" as const,
  }));

  app.get(
    paths.readiness,
    {
      schema: {
        summary: "Whether the server can do its work: database, queue, and the provider's catalogue read once",
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const [[row, troubled = []] = [], queue] = await Promise.all([database(), queueAnswers()]);
      const catalogueRead = row?.catalogue_read_at !== null && row !== undefined;
      const waited = clock.now() >= after(startedAt, patience);
      const ready = row !== undefined && queue === true && (catalogueRead || waited);
      return reply.code(ready ? 200 : 503).send({
        ready,
        database: { ok: row !== undefined, reason: row ? null : "the database cannot be reached" },
        queue: { ok: queue === true, reason: queue ? null : "the queue is not running" },
        provider: {
          status: row?.status ?? "unknown",
          reason: row ? (row.reason ?? remark(row) ?? (catalogueRead ? null : "the catalogue is not read yet")) : null,
          account_status: row?.account_status ?? null,
          catalogue_read: catalogueRead,
          workers_not_up: troubled.map(presentContact),
        },
        simulated: row?.simulated ?? false,
      });
    },
  );

  app.get(
    paths.metrics,
    {
      schema: {
        summary: "Prometheus metrics",
        response: { 200: { description: "Metrics", content: { "text/plain": { schema: z.string() } } } },
      },
    },
    async (_request, reply) => reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics()),
  );
};

const remark = (row: ProviderRow): string | null => remarkOn(row.account_status, row.account_status_message);

/** All who ask while a look is under way get its answer: probes of a frozen database do not use up its connections. */
function shared<T>(look: () => Promise<T>): () => Promise<T> {
  let looking: Promise<T> | undefined;
  return () => (looking ??= look().finally(() => (looking = undefined)));
}

/** @throws when `work` takes longer than `ms` */
async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(() => {
    throw new Error(`No answer within ${ms / 1000} s`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
