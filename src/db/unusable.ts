import { after, type Clock, systemClock } from "#clock.ts";
import { Unfit } from "./fitness.ts";
import { isStarting } from "./violation.ts";

/** No connection to a database of the operator's own comes about, or it cannot be worked on. */
export class DatabaseUnusable extends Error {
  override readonly name = "DatabaseUnusable";
  readonly code = "database_unusable";
}

/** A server that is starting, or recovers after a crash, is waited for so long, and asked so often. Milliseconds. */
const [startingMs, againMs] = [60_000, 500];

/** Does so again while the server says that it is not accepting connections yet. */
async function onceAccepted<T>(connect: () => Promise<T>, clock: Clock): Promise<T> {
  const until = after(clock.now(), startingMs);
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (!isStarting(error) || clock.now() >= until) throw error;
      await clock.sleep(againMs);
    }
  }
}

/**
 * Makes the first connection, and sees whether the database is fit. A server that is still starting is waited for.
 * @param url where to; of it, nothing but the host and the name of the database is ever told
 * @throws {DatabaseUnusable} instead of what the server, or the network, said
 */
export async function connecting<T>(url: string, connect: () => Promise<T>, clock = systemClock): Promise<T> {
  try {
    return await onceAccepted(connect, clock);
  } catch (error) {
    if (error instanceof Unfit)
      throw new DatabaseUnusable(
        `The database at ${placeOf(url)} cannot be used: ${error.message}. Nothing was started or changed`,
        { cause: error },
      );
    throw new DatabaseUnusable(
      `The database at ${placeOf(url)} cannot be used (${reasonOf(error)}); nothing was started or changed. ` +
        "See that it runs, and that DATABASE_URL names it, its user and its password",
      { cause: error },
    );
  }
}

function placeOf(text: string): string {
  const url = URL.parse(text);
  return url?.host ? `${url.host}${url.pathname}` : "DATABASE_URL";
}

/** Of an address with several numbers, what each of them said. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}
