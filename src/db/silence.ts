import { Socket } from "node:net";
import pg from "pg";

/** @returns what it is sent over, with TLS or without */
function socketOf(client: pg.ClientBase): Socket | undefined {
  const stream = client instanceof pg.Client ? client.connection.stream : undefined;
  return stream instanceof Socket ? stream : undefined;
}

/** Has `act` called when nothing has come or gone on the connection for `ms`, instead of what was to be called; 0: never. */
export function onSilence(client: pg.ClientBase, ms: number, act: () => void = () => undefined): void {
  socketOf(client)?.removeAllListeners("timeout").on("timeout", act).setTimeout(ms);
}

/** Breaks a connection that has been silent for `ms`: whoever waits for its answer is told so, and nobody else would. */
export function breakSilent(client: pg.ClientBase, ms: number): void {
  // It begins as what pg says of a lost connection, see violation.ts.
  const told = `Connection terminated: nothing has come from the database for ${ms / 1000} s; it is frozen, or the way to it is lost`;
  socketOf(client)?.destroy(new Error(told));
}

/**
 * Has those of a pool's connections broken that are in use and silent for `ms`: one whose other end is gone without a word
 * is never answered, and TCP does not tell of it where something in between goes on acknowledging.
 */
export function breaksSilent(pool: pg.Pool, ms: number): void {
  pool.on("acquire", (client) => onSilence(client, ms, () => breakSilent(client, ms)));
  pool.on("release", (_error, client) => onSilence(client, 0));
}
