import { z } from "zod";
import { after } from "#clock.ts";
import { PermanentError } from "#engine/failure.ts";
import type { Attempt } from "#engine/step.ts";
import { lookAtAttachments } from "#fleet/attachments.ts";
import { attachmentsOf, scopesOf } from "#inventory/attachments.ts";
import { sightingOf } from "#inventory/sightings.ts";
import { getDroplet } from "#resources/kinds/droplet.ts";
import { latelyMs } from "#resources/settling.ts";
import { step, type StepContext } from "../step-context.ts";

interface Reads {
  readonly input: {
    readonly deployment_id: string;
    /** The old one. */
    readonly droplet_id: number;
    readonly is_gone: boolean;
  };
}

/**
 * Before anything is made: whatever lies on the old droplet and was not made by us would stay behind, so that it is named, and
 * refuses. Refused is only what is seen: what the token may not read is told in the saga's events (rule 53).
 */
export const checkAttachments = step({
  name: "check_attachments",
  writes: z.object({}),
  undoAfter: "all",

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    const { deployment_id, droplet_id } = input;
    // One 404 is not the end of it (rule 17): what it had on it when it was last seen counts.
    const seen = input.is_gone
      ? undefined
      : ((await getDroplet(io, droplet_id)) ?? (await sightingOf(io.db, droplet_id))?.droplet);
    const look = async (notBefore: Date) => {
      await lookAtAttachments(io, io.call(io.signal), notBefore);
      return attachmentsOf(io.db, { deployment_id, droplet_id, seen });
    };
    // A look that others have made lately is good enough to find nothing.
    const { left: found, unknown } = await look(after(io.clock.now(), -latelyMs));
    // What others have seen a moment ago may have been taken off since.
    const left = found.length === 0 ? found : (await look(io.clock.now())).left;
    if (left.length > 0)
      throw new PermanentError(
        "not_reproducible",
        `Droplet ${droplet_id} is not replaced: ${left.join("; ")}. None of this was made by us, and a new droplet would be ` +
          "without it; nothing was made or changed. Take it off at DigitalOcean, then ask again",
      );
    if (unknown.length > 0)
      await io.note(
        `Whether anything else lies on droplet ${droplet_id} is not known: the token may not read it (${scopesOf(unknown)})`,
      );
    return {};
  },

  async compensate() {},
});
