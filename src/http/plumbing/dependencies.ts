import type { Clock } from "#clock.ts";
import type { Db, Tx } from "#db/connection.ts";
import type { Ids } from "#ids.ts";
import type { Log } from "#log.ts";
import type { Quota } from "#quota.ts";
import type { Sagas } from "#sagas/start.ts";
import type { SecretBox } from "#secrets/secret-box.ts";
import type { TargetPolicy } from "#webhooks/target.ts";

/** Tells that a saga has new events. It may miss some: streams look by themselves every 2 seconds. */
export interface EventFeed {
  /** @returns the function that ends the subscription */
  subscribe(sagaId: string, wake: () => void): () => void;
}

/** All that the API needs. */
export interface Dependencies {
  readonly db: Db;
  readonly sagas: Sagas;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly secrets: SecretBox;
  readonly feed: EventFeed;
  /** The zone that hostnames lie in; undefined: none is configured, and no deployment can be made. */
  readonly zone: string | undefined;
  /** The address that the server will listen on: on loopback, Host is checked. */
  readonly host: string;
  /** Where the outside world finds the server, if not there. */
  readonly publicUrl?: string | undefined;
  /** Addresses and networks whose X-Forwarded-For, -Proto and -Host are believed. Default: none. */
  readonly trustedProxies?: readonly string[];
  /** What a tenant may have that is asked for with its own token, beside its quota. Default: not limited. */
  readonly tenantQuota?: Quota | undefined;
  /** How many may be destroyed in an hour before they are held. Default: by the size of the fleet. */
  readonly destroysPerHour?: number | undefined;
  /** Asks the workers for an inventory sync once the transaction commits. */
  readonly requestSync: (tx: Tx) => Promise<void>;
  readonly queueReady: () => Promise<boolean>;
  /** Whether the database's notifications arrive; without them, streams look every 2 seconds. */
  readonly hears: () => boolean;
  /** Hears of every change that was asked for and has been committed. */
  readonly changed?: (() => void) | undefined;
  /** Where webhooks may lead. Default: to the public Internet, over https. */
  readonly webhookTargets?: TargetPolicy;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** Requests that may be sent to the provider, in any minute and in any hour. */
  readonly requestLimits: { readonly minute: number; readonly hour: number };
  /** Where the built dashboard is, once it is built; undefined: this server has none. */
  readonly dashboard?: () => Promise<string>;
  /** Other limits than those of limits.ts. */
  readonly requestsPerMinute?: number;
  readonly failuresPerMinute?: number;
  readonly streamsPerToken?: number;
}
