import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** Seconds: a request, a step that writes a row, a droplet that boots. */
const shortTimes = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const longTimes = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800];

/** Every metric, by name, with its labels. */
export function createInstruments() {
  const registry = new Registry();
  const registers = [registry];
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name: `arcadia_${name}`, help, labelNames, registers });
  const counter = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter({ name: `arcadia_${name}`, help, labelNames, registers });
  const histogram = <Label extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: Label[],
  ) => new Histogram({ name: `arcadia_${name}`, help, buckets, labelNames, registers });
  // Every 10 ms, as it is by default, costs a server at rest more than all else that it does.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });

  return {
    registry,
    build: gauge("build_info", "1, with the release", ["version"]),
    up: gauge("provider_up", "1 while the provider answers for our account"),
    simulated: gauge("provider_simulated", "1 while the provider is the built-in simulator"),
    sagas: gauge("sagas", "Sagas that have not ended, by kind and status", ["name", "status"]),
    stuck: gauge("sagas_stuck", "Sagas that wait for an operator"),
    queueDelay: gauge("queue_delay_seconds", "How long the saga that is due longest has waited for a worker"),
    deployments: gauge("deployments", "Deployments by status", ["status"]),
    degraded: gauge("deployments_degraded", "Deployments of which something is true that should not be, by what", [
      "code",
    ]),
    problems: gauge("problems", "1 while something is wrong with the installation as a whole, by what", ["code"]),
    strays: gauge("strays", "Droplets with our install tag that nobody owns, by what is done about them", ["verdict"]),
    budgetUsed: gauge("request_budget_used", "Requests sent to the provider in the window", ["window"]),
    budgetLimit: gauge("request_budget_limit", "Requests that may be sent in the window", ["window"]),
    budgetRemaining: gauge("request_budget_remaining", "Requests left in the hour, as the provider said last"),
    streams: gauge("event_streams", "Event streams open at this server"),
    webhooks: gauge(
      "webhooks",
      "Webhooks by state: enabled, switched_off by hand, or disabled for failing; and failing, beside that",
      ["state"],
    ),
    pendingDeliveries: gauge("webhook_deliveries_pending", "Deliveries that have not succeeded yet"),
    ended: counter("sagas_ended_total", "Sagas that ended, by kind and how", ["name", "status"]),
    sagaSeconds: histogram("saga_duration_seconds", "From a saga's creation to its end", longTimes, ["name", "status"]),
    startDelay: histogram("saga_start_delay_seconds", "From a saga's creation to its start", shortTimes, ["name"]),
    stepSeconds: histogram("step_duration_seconds", "From a step's start to its end, waits included", longTimes, [
      "step",
      "direction",
      "status",
    ]),
    retries: counter("step_retries_total", "Attempts beyond the first", ["step", "direction"]),
    requests: counter("provider_requests_total", "Requests to the provider; status is none when no answer came", [
      "method",
      "route",
      "status",
    ]),
    requestSeconds: histogram("provider_request_duration_seconds", "Requests to the provider", shortTimes, ["method"]),
    deliveries: counter("webhook_attempts_total", "Attempts to deliver a webhook's message", ["result"]),
  };
}
export type Instruments = ReturnType<typeof createInstruments>;
