import { z } from "zod";
import { health, readiness } from "#api/health.ts";
import { paths } from "#api/paths.ts";
import { readProvider } from "#catalogue/queries.ts";
import { after } from "#clock.ts";
import type { Routes } from "./app.ts";

/** How long the server waits, from its start, for a worker to read the provider's catalogue. */
const patience = 10_000;

export const healthRoutes: Routes = (app, { db, clock, queueReady, metrics, log }) => {
  const startedAt = clock.now();

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
      const tried = async <T>(what: string, look: () => Promise<T>): Promise<T | undefined> => {
        try {
          return await look();
        } catch (error) {
          log.warn({ err: error }, `The ${what} cannot be reached; the server is not ready`);
          return undefined;
        }
      };
      const [row, queue] = await Promise.all([tried("database", () => readProvider(db)), tried("queue", queueReady)]);
      const catalogueRead = row?.catalogue_read_at !== null && row !== undefined;
      const waited = clock.now() >= after(startedAt, patience);
      const ready = row !== undefined && queue === true && (catalogueRead || waited);
      return reply.code(ready ? 200 : 503).send({
        ready,
        database: { ok: row !== undefined, reason: row ? null : "the database cannot be reached" },
        queue: { ok: queue === true, reason: queue ? null : "the queue is not running" },
        provider: {
          status: row?.status ?? "unknown",
          reason: row ? (row.reason ?? (catalogueRead ? null : "the catalogue is not read yet")) : null,
          catalogue_read: catalogueRead,
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
