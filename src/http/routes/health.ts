import { z } from "zod";
import { health, readiness } from "#api/health.ts";
import { paths } from "#api/paths.ts";
import { after, type Clock } from "#clock.ts";
import { assertTakesChanges } from "#db/takes-changes.ts";
import { isReadOnly } from "#db/violation.ts";
import { remarkOn } from "#provider/account.ts";
import { knownProvider, troubledContacts } from "#provider/contacts.ts";
import type { ProviderRow } from "#provider/provider.ts";
import type { Routes } from "../plumbing/app.ts";
import { presentContact } from "./present.ts";

/** How long the server waits, from its start, for a worker to read the provider's catalogue. */
const patience = 10_000;
/** How long a look at the database or the queue may take: a frozen one does not answer at all. */
const lookMs = 3000;
/** After which a look that has not ended is given up, and another begun beside it: its connection may be lost. */
const givenUpMs = 30_000;

export const healthRoutes: Routes = (app, { db, clock, queueReady, hears, metrics, log }) => {
  const startedAt = clock.now();
  const looker = <T>(what: string, look: () => Promise<T>) => {
    const ask = shared(clock, look);
    return async (): Promise<{ readonly found?: T; readonly reason: string | null }> => {
      try {
        return { found: await within(clock, lookMs, ask()), reason: null };
      } catch (error) {
        const reason = reasonOf(what, error);
        log.warn({ err: error, reason }, "The server is not ready");
        return { reason };
      }
    };
  };
  const database = looker("database", async () => {
    await assertTakesChanges(db);
    return Promise.all([knownProvider(db, clock.now()), troubledContacts(db, clock.now())]);
  });
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
      const [{ found: [row, troubled = []] = [], reason }, queue] = await Promise.all([database(), queueAnswers()]);
      const catalogueRead = row?.catalogue_read_at !== null && row !== undefined;
      const waited = clock.now() >= after(startedAt, patience);
      const ready = row !== undefined && queue.found === true && (catalogueRead || waited);
      return reply.code(ready ? 200 : 503).send({
        ready,
        database: { ok: row !== undefined, reason },
        queue: { ok: queue.found === true, reason: queue.found ? null : "the queue is not running" },
        notifications: { ok: hears(), reason: hears() ? null : "they do not arrive; changes are found by polling" },
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
class Late extends Error {
  override readonly name = "Late";
}

function reasonOf(what: string, error: unknown): string {
  if (isReadOnly(error)) return "the database is read-only";
  if (error instanceof Late) return `the ${what} does not answer within ${lookMs / 1000} s`;
  return `the ${what} cannot be reached`;
}

/** All who ask while a look is under way get its answer: probes of a frozen database do not use up its connections. */
function shared<T>(clock: Clock, look: () => Promise<T>): () => Promise<T> {
  let under: { readonly way: Promise<T>; readonly until: Date } | undefined;
  return () => {
    if (under && clock.now() < under.until) return under.way;
    const way = look().finally(() => {
      if (under?.way === way) under = undefined;
    });
    under = { way, until: after(clock.now(), givenUpMs) };
    return way;
  };
}

/** @throws {Late} when `work` takes longer than `ms` */
async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(() => {
    throw new Late(`No answer within ${ms / 1000} s`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
