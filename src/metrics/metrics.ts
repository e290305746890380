import { countRequests, readBudget } from "#catalogue/queries.ts";
import { knownProvider } from "#provider/contacts.ts";
import { after, type Clock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { readHistory } from "./history.ts";
import { createInstruments, type Instruments } from "./instruments.ts";
import { readState } from "./state.ts";

export interface MetricsOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly release: string;
  readonly requestLimits: { readonly minute: number; readonly hour: number };
  /** The kinds of sagas: those of which there is none show as 0, so that a graph has a line from the start. */
  readonly sagaNames: readonly string[];
  /** Event streams that this server has open. */
  readonly openStreams: () => number;
  /**
   * What is this young is counted by a later scrape, in milliseconds: a row is written with the time of its beginning,
   * and shows when its transaction commits. Default 45 s, longer than a request to the provider can take.
   */
  readonly lagMs?: number;
}

const states = {
  sagas: ["pending", "running", "waiting", "compensating", "stuck", "held"],
  deployments: ["pending", "provisioning", "active", "deprovisioning", "terminated", "cancelled"],
  strays: ["destroying", "alert"],
  conditions: ["droplet_gone", "droplet_off", "drift", "unhealthy", "dns_delegated", "zone_gone"],
  problems: ["mass_disappearance"],
} as const;

/**
 * Prometheus text. All but `process_`, `nodejs_` and `arcadia_event_streams` is of the whole installation, read from the
 * database, so that every server says the same and workers need no port: take the maximum over servers, not the sum.
 * Counters begin at the start of the process that is asked.
 */
export function createMetrics(options: MetricsOptions): () => Promise<string> {
  const { db, clock, lagMs = 45_000 } = options;
  const instruments = createInstruments();
  instruments.build.set({ version: options.release }, 1);
  for (const result of ["delivered", "failed"]) instruments.deliveries.inc({ result }, 0);
  let countedUntil = clock.now();
  let turn: Promise<unknown> = Promise.resolve();

  const read = async (): Promise<string> => {
    const now = clock.now();
    const span = { from: countedUntil, until: after(now, -lagMs) };
    const [state, history] = await Promise.all([
      readState(db, now),
      span.until > span.from ? readHistory(db, span) : undefined,
    ]);
    showState(instruments, state, options.sagaNames);
    await showProvider(instruments, options, now);
    if (history) {
      count(instruments, history);
      countedUntil = span.until;
    }
    instruments.streams.set(options.openStreams());
    return instruments.registry.metrics();
  };
  // One at a time: two scrapes at once must not count the same span twice.
  return () => {
    const mine = turn.then(read, read);
    turn = mine;
    return mine;
  };
}

function showState(it: Instruments, state: Awaited<ReturnType<typeof readState>>, sagaNames: readonly string[]): void {
  it.sagas.reset();
  for (const name of sagaNames) for (const status of states.sagas) it.sagas.set({ name, status }, 0);
  let stuck = 0;
  for (const { name, status, count: found } of state.sagas) {
    it.sagas.set({ name, status }, found);
    if (status === "stuck") stuck += found;
  }
  it.stuck.set(stuck);
  it.queueDelay.set(Math.max(0, state.queueDelay));
  for (const status of states.deployments) it.deployments.set({ status }, state.deployments.get(status) ?? 0);
  for (const verdict of states.strays)
    it.strays.set({ verdict }, state.strays.find((row) => row.verdict === verdict)?.count ?? 0);
  for (const code of states.conditions) it.degraded.set({ code }, state.conditions.get(code) ?? 0);
  it.problems.reset();
  for (const code of [...states.problems, ...state.problems])
    it.problems.set({ code }, state.problems.includes(code) ? 1 : 0);
  const { all, enabled, switchedOff, failing } = state.webhooks;
  it.webhooks.set({ state: "enabled" }, enabled);
  it.webhooks.set({ state: "switched_off" }, switchedOff);
  it.webhooks.set({ state: "disabled" }, all - enabled - switchedOff);
  it.webhooks.set({ state: "failing" }, failing);
  it.pendingDeliveries.set(state.pendingDeliveries);
}

async function showProvider(it: Instruments, { db, requestLimits }: MetricsOptions, now: Date): Promise<void> {
  const [provider, used, budget] = await Promise.all([knownProvider(db, now), countRequests(db, now), readBudget(db)]);
  it.up.set(provider.status === "up" ? 1 : 0);
  it.simulated.set(provider.simulated ? 1 : 0);
  for (const window of ["minute", "hour"] as const) {
    it.budgetUsed.set({ window }, used[window]);
    it.budgetLimit.set({ window }, requestLimits[window]);
  }
  if (budget.remaining !== null) it.budgetRemaining.set(budget.remaining);
}

function count(it: Instruments, history: Awaited<ReturnType<typeof readHistory>>): void {
  for (const { name, status, seconds } of history.sagas) {
    it.ended.inc({ name, status });
    it.sagaSeconds.observe({ name, status }, seconds);
  }
  for (const { name, seconds } of history.starts) it.startDelay.observe({ name }, seconds);
  const steps = [
    ...history.steps.map((row) => ({ ...row, direction: "forward" })),
    ...history.undone.map((row) => ({ ...row, direction: "back", status: "compensated" })),
  ];
  for (const { name: step, direction, status, seconds, attempts } of steps) {
    it.stepSeconds.observe({ step, direction, status }, seconds);
    it.retries.inc({ step, direction }, Math.max(0, attempts - 1));
  }
  for (const { method, route, status, seconds } of history.requests) {
    it.requests.inc({ method, route, status: status === null ? "none" : `${status}` });
    if (seconds !== null) it.requestSeconds.observe({ method }, seconds);
  }
  for (const { error } of history.deliveries) it.deliveries.inc({ result: error === null ? "delivered" : "failed" });
}
