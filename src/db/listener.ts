import pg from "pg";
import type { Clock } from "#clock.ts";
import type { Log } from "#log.ts";

export interface Listener {
  close(): Promise<void>;
}

export interface ListenerOptions {
  readonly url: string;
  readonly channels: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly onMessage: (channel: string, payload: string) => void;
  /** After every (re)connection: messages may have been missed before it. */
  readonly onConnected: () => void;
}

const retryMs = 1000;

/**
 * Listens on a connection of its own, and connects again whenever that breaks, also when the first try fails.
 * A message is a hint only: whoever needs certainty polls as well.
 */
export function listen(options: ListenerOptions): Listener {
  const closing = new AbortController();
  const { signal } = closing;

  const session = async (): Promise<void> => {
    const client = new pg.Client({
      connectionString: options.url,
      application_name: "arcadia-listener",
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = () => resolve();
    client.on("error", (error) => {
      if (!signal.aborted) options.log.debug({ err: error }, "The listening connection broke");
      end();
    });
    client.on("end", end);
    client.on("notification", (message) => options.onMessage(message.channel, message.payload ?? ""));
    signal.addEventListener("abort", end, { once: true });
    try {
      await client.connect();
      for (const channel of options.channels) await client.query(`listen ${client.escapeIdentifier(channel)}`);
      options.onConnected();
      await ended;
    } finally {
      signal.removeEventListener("abort", end);
      await client.end().catch(() => undefined);
    }
  };

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      await session().catch((error: unknown) => {
        options.log.debug({ err: error }, "The database cannot be listened to; polling goes on");
      });
      await options.clock.sleep(retryMs, signal).catch(() => undefined);
    }
  };
  const running = loop();
  return {
    async close() {
      closing.abort();
      await running;
    },
  };
}
