import { Gauge, Registry } from "prom-client";
import type { Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { countRequests } from "#catalogue/queries.ts";
import { readProvider } from "#provider/provider.ts";

/** What the database knows, as Prometheus text; read anew at each scrape, so that every server says the same. */
export function createMetrics(db: Db, clock: Clock): () => Promise<string> {
  const registers = [new Registry()];
  const [registry] = registers;
  const sagas = new Gauge({
    name: "arcadia_sagas",
    help: "Sagas by kind and status",
    labelNames: ["name", "status"],
    registers,
  });
  const requests = new Gauge({
    name: "arcadia_provider_requests",
    help: "Requests sent in the window",
    labelNames: ["window"],
    registers,
  });
  const up = new Gauge({
    name: "arcadia_provider_up",
    help: "1 while the provider answers for our account",
    registers,
  });
  return async () => {
    const rows = await db
      .selectFrom("sagas")
      .select(["name", "status", (select) => select.fn.countAll<number>().as("count")])
      .groupBy(["name", "status"])
      .execute();
    sagas.reset();
    for (const { name, status, count } of rows) sagas.set({ name, status }, count);
    const usage = await countRequests(db, clock.now());
    requests.set({ window: "minute" }, usage.minute);
    requests.set({ window: "hour" }, usage.hour);
    up.set((await readProvider(db)).status === "up" ? 1 : 0);
    return registry ? registry.metrics() : "";
  };
}
