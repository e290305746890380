import { type Clock, systemClock } from "#clock.ts";
import type { Db } from "#db/connection.ts";
import { readTokenEnds, type TokenRow } from "./queries.ts";

type Ends = Pick<TokenRow, "revoked_at" | "expires_at">;

/** Between two looks at the database, in milliseconds. */
const spacingMs = 100;

/**
 * The tokens that there are, in memory: a token that nobody made costs no query of its own. That one is known says
 * nothing yet of what it may: whether it was revoked meanwhile only the database knows.
 */
export interface KnownTokens {
  /** Whether it is known and, as far as is known, taken: by what was read last. */
  seemsLive(hash: Buffer, now: Date): boolean;
  /** Whether it is there, by a look that began after the question, at most one in 100 ms for all who ask. */
  find(hash: Buffer): Promise<Ends | undefined>;
  /** Its state has changed: the next question looks again. */
  forget(hash: Buffer): void;
}

export const isEnded = ({ revoked_at, expires_at }: Ends, now: Date): boolean =>
  revoked_at !== null || (expires_at !== null && expires_at <= now);

/** `pace` spaces the looks; it is no time that anything is decided by. */
export function knownTokens(db: Db, pace: Clock = systemClock): KnownTokens {
  let known = new Map<string, Ends>();
  let next: Promise<void> | undefined;
  let lookedAt = 0;
  const look = async () => {
    const wait = lookedAt + spacingMs - pace.now().getTime();
    // Awaited in any case: whoever asks while this one is about to begin shares it.
    await (wait > 0 ? pace.sleep(Math.min(wait, spacingMs)) : undefined);
    lookedAt = pace.now().getTime();
    // Who asks from here on cannot know whether this look sees what they ask for.
    next = undefined;
    known = await readTokenEnds(db);
  };
  const key = (hash: Buffer) => hash.toString("base64");
  return {
    seemsLive(hash, now) {
      const ends = known.get(key(hash));
      return ends !== undefined && !isEnded(ends, now);
    },
    async find(hash) {
      const ends = known.get(key(hash));
      if (ends) return ends;
      await (next ??= look());
      return known.get(key(hash));
    },
    forget(hash) {
      known.delete(key(hash));
    },
  };
}
