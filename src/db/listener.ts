import { randomUUID } from "node:crypto";
import type { Clock } from "#clock.ts";
import type { Log } from "#log.ts";
import type { Statements } from "./connection.ts";
import { type OpenClient, openClient } from "./open-client.ts";
import { patient } from "./settings.ts";
import { breakSilent, onSilence } from "./silence.ts";

export interface Listener {
  /** Whether messages arrive at this moment. */
  readonly hears: boolean;
  close(): Promise<void>;
}

export interface ListenerOptions {
  readonly url: string;
  /** Other connections to the same database: what is said on one of them must be heard here. */
  readonly statements: Statements;
  readonly channels: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly onMessage: (channel: string, payload: string) => void;
  /** After every (re)connection: messages may have been missed before it. */
  readonly onConnected: () => void;
  /** After how long without a message the connection is asked whether it is there, and how long its answer may take. Default 30,000. */
  readonly silentMs?: number;
}

const retryMs = 1000;
/** How soon a message must arrive that shows whether any does, and when to try again if it did not. Milliseconds. */
const proofMs = 3000;
const deafMs = 60_000;
const proofChannel = "arcadia_proof";
/** How long a connection may take to say goodbye. Milliseconds. */
const goodbyeMs = 1000;

/**
 * Listens on a connection of its own, and connects again whenever that breaks, also when the first try fails.
 * A message is a hint only: whoever needs certainty polls as well. Through a pooler that gives each transaction another
 * server process, no message arrives: that is found out, and said once.
 */
export function listen(options: ListenerOptions): Listener {
  const { clock, log, silentMs = 30_000 } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let hears = false;
  let isToldDeaf = false;

  /** @returns how long to wait before the next one, in milliseconds */
  const session = async (): Promise<number> => {
    const open = await openClient(
      {
        connectionString: options.url,
        application_name: "arcadia-listener",
        connectionTimeoutMillis: 5_000,
        keepAlive: true,
        keepAliveInitialDelayMillis: 10_000,
      },
      patient,
    );
    const { client } = open;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    client.on("error", (error) => {
      if (!signal.aborted) log.debug({ err: error }, "The listening connection broke");
      end();
    });
    client.on("end", () => end());
    signal.addEventListener("abort", () => end(), { once: true });
    if (signal.aborted) end();
    let isAsked = false;
    onSilence(client, silentMs, () => {
      if (isAsked) return breakSilent(client, silentMs);
      isAsked = true;
      client.query("select").then(
        () => (isAsked = false),
        () => end(),
      );
    });
    try {
      if (open.pooled && !(await Promise.race([isHeard(open), ended.then(() => true)]))) return tellDeaf();
      client.on("notification", (message) => options.onMessage(message.channel, message.payload ?? ""));
      for (const channel of options.channels) await client.query(`listen ${client.escapeIdentifier(channel)}`);
      if (isToldDeaf) log.info("Notifications of the database arrive again");
      isToldDeaf = false;
      hears = true;
      options.onConnected();
      await ended;
      return retryMs;
    } finally {
      hears = false;
      // Nobody may be there to hear it.
      onSilence(client, goodbyeMs, () => breakSilent(client, goodbyeMs));
      await client.end().catch(() => undefined);
    }
  };

  const isHeard = async ({ client }: OpenClient): Promise<boolean> => {
    const said = randomUUID();
    const heard = new AbortController();
    client.on("notification", ({ payload }) => {
      if (payload === said) heard.abort();
    });
    await client.query(`listen ${proofChannel}`);
    await options.statements.query("select pg_notify($1, $2)", [proofChannel, said]);
    await clock.sleep(proofMs, AbortSignal.any([heard.signal, signal])).catch(() => undefined);
    return heard.signal.aborted;
  };

  const tellDeaf = (): number => {
    if (!isToldDeaf && !signal.aborted)
      log.warn(
        "Notifications of the database do not arrive: a pooler in transaction mode is in between. All that changes is " +
          "found by polling instead, within 2 s; a pooler in session mode, or none, brings them back",
      );
    isToldDeaf = true;
    return deafMs;
  };

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      const pause = await session().catch((error: unknown) => {
        if (!signal.aborted) log.debug({ err: error }, "The database cannot be listened to; polling goes on");
        return retryMs;
      });
      await clock.sleep(pause, signal).catch(() => undefined);
    }
  };
  const running = loop();
  return {
    get hears() {
      return hears;
    },
    async close() {
      closing.abort();
      await running;
    },
  };
}
