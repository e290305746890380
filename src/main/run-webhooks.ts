import manifest from "../../package.json" with { type: "json" };
import type { Clock } from "#clock.ts";
import type { Config } from "#config.ts";
import type { Db } from "#db/connection.ts";
import { createDoorbell } from "#engine/doorbell.ts";
import type { Queues } from "#webhooks/queue.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import { patienceMs, standardPauses } from "#webhooks/deliver.ts";
import { createResolver } from "#webhooks/resolver.ts";
import { type RunnerOptions, runWebhooks, webhookQueue } from "#webhooks/runner.ts";

export interface WebhookParts {
  readonly config: Config;
  readonly db: Db;
  readonly queue: Queues;
  readonly secrets: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly hears?: () => boolean;
}

/**
 * The longest between two looks for messages where nobody rings, and where it is rung for what sagas and the API change:
 * what rings nobody (a condition, a problem) is told that much later. Milliseconds.
 */
const [deafMs, restMs] = [5000, 15_000];

/**
 * Delivers webhooks beside the sagas, until it is stopped. `ring`: something happened of which they may be told.
 * @param parts.hears whether it is rung for all that sagas do; by default it is not
 */
export function startWebhooks(
  parts: WebhookParts,
  changes: Partial<Pick<RunnerOptions, "pauses" | "patienceMs" | "policy">> = {},
): { ring(): void; stop(): Promise<void> } {
  const { config, queue, hears = () => false, ...shared } = parts;
  const doorbell = createDoorbell(parts.clock);
  const ending = new AbortController();
  const policy = { allowPrivate: config.webhookAllowPrivate, resolve: createResolver() };
  const options = {
    ...shared,
    lanes: queue.keyed(webhookQueue),
    policy,
    pauses: standardPauses,
    patienceMs,
    busyMs: deafMs,
    restMs: () => (hears() ? restMs : deafMs),
    wait: doorbell.wait,
    ...changes,
  };
  const running = runWebhooks({ ...options, release: manifest.version }, ending.signal);
  return {
    ring: doorbell.ring,
    async stop() {
      ending.abort();
      await running;
    },
  };
}
