import type { Attempt } from "#engine/step.ts";
import type { Sighting } from "#inventory/sightings.ts";
import { handleOfAdopted } from "#resources/kinds/droplet-handle.ts";
import type { StepContext } from "../step-context.ts";
import { verifiedDroplet } from "./verified-droplet.ts";

/** What an adoption is told: the droplet as it was known when somebody asked. */
export interface AdoptionInput {
  readonly deployment_id: string;
  readonly tenant_id: string;
  readonly hostname: string;
  readonly droplet_id: number;
  readonly name: string;
  readonly address: string;
}

/** The droplet as it is now. @throws what is tried again: one answer that misses it, or shows another, proves nothing */
export const adoptedDroplet = (input: AdoptionInput, io: StepContext & Attempt<never>): Promise<Sighting> =>
  verifiedDroplet(
    { id: input.droplet_id, handle: handleOfAdopted(input.name, io.installId), address: input.address },
    io,
  );
