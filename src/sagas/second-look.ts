import { after } from "#clock.ts";
import { PermanentError } from "#engine/failure.ts";
import { snooze, type Snooze } from "#engine/step.ts";
import type { Working } from "./step-context.ts";

/**
 * One look proves nothing (rule 17): what speaks against going on is looked at once more when it has settled.
 * @throws {PermanentError} what `look` refuses then
 */
export async function secondLook<Seen>(io: Working, look: () => Promise<Seen>): Promise<Seen | Snooze> {
  const believedAt = after(io.startedAt, io.timing.settle);
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof PermanentError) || io.clock.now() >= believedAt) throw error;
    return snooze(believedAt, `a second look: ${error.message}`);
  }
}
