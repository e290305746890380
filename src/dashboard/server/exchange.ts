import type { Connection } from "#dashboard/live/connection.ts";
import type { BrowserClock } from "#dashboard/time/browser-clock.ts";
import { Misunderstood, NoAnswer, Refused } from "./failures.ts";

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A read that takes longer is lost. A change may have to wait for others, and is not asked again by itself. */
const patienceMs = { read: 10_000, change: 30_000 };

/**
 * One request and its answer, which `take` reads within the same time: a server that is frozen, or a line that swallows
 * everything, is no answer.
 * @throws {NoAnswer} and whatever `take` throws
 */
export async function exchange<Taken>(
  { connection, clock }: { readonly connection: Connection; readonly clock: BrowserClock },
  path: string,
  asked: Asked,
  take: (response: Response) => Promise<Taken>,
): Promise<Taken> {
  const began = clock.now();
  const limit = clock.limit(asked.method ? patienceMs.change : patienceMs.read);
  const signals = [limit.signal, ...(asked.signal ? [asked.signal] : [])];
  try {
    const response = await fetch(path, {
      ...asked,
      signal: AbortSignal.any(signals),
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
    });
    const taken = await take(response);
    connection.answered();
    return taken;
  } catch (error) {
    if (error instanceof Refused || error instanceof Misunderstood) connection.answered();
    else if (!asked.signal?.aborted) {
      connection.failed(began);
      throw new NoAnswer("The server does not answer. It may have done what was asked; look before asking again", {
        cause: error,
      });
    }
    throw error;
  } finally {
    limit.lift();
  }
}
