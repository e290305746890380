import manifest from "../../package.json" with { type: "json" };
import type { Clock } from "#clock.ts";
import type { Config } from "#config.ts";
import type { Db } from "#db/connection.ts";
import { createDoorbell } from "#engine/doorbell.ts";
import type { Queues } from "#engine/queue.ts";
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
}

/** How rarely it is looked for messages while nobody rings: those of changes that ring nobody wait so long. Milliseconds. */
const restMs = 5000;

/** Delivers webhooks beside the sagas, until it is stopped. `ring`: something happened of which they may be told. */
export function startWebhooks(
  parts: WebhookParts,
  changes: Partial<Pick<RunnerOptions, "pauses" | "patienceMs" | "policy">> = {},
): { ring(): void; stop(): Promise<void> } {
  const { config, queue, ...shared } = parts;
  const doorbell = createDoorbell(parts.clock);
  const ending = new AbortController();
  const policy = { allowPrivate: config.webhookAllowPrivate, resolve: createResolver() };
  const options = {
    ...shared,
    lanes: queue.keyed(webhookQueue),
    policy,
    pauses: standardPauses,
    patienceMs,
    restMs,
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
