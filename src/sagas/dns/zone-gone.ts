import { PermanentError } from "#engine/failure.ts";
import { isGone, isNotFound } from "#resources/kinds/zone-gone.ts";
import type { StepContext } from "../step-context.ts";

type Io = StepContext & { readonly signal: AbortSignal };

/** Does what needs the zone. @throws {PermanentError} `zone_missing`, in place of a 404, where the account has none */
export async function clearAboutZone<T>(io: Io, zone: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isNotFound(error) || !(await isGone(io, zone, io.call(io.signal)))) throw error;
    const advice =
      "Add it to the account at DigitalOcean, or set ARCADIA_DOMAIN to a zone that is there, and ask again";
    throw new PermanentError("zone_missing", `The account does not have the zone ${zone}. ${advice}`, { cause: error });
  }
}
