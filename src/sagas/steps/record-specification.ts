import { z } from "zod";
import { respecify } from "#deployments/specification.ts";
import { PermanentError } from "#engine/failure.ts";
import { type Attempt, inTransaction } from "#engine/step.ts";
import { step, type StepContext } from "../step-context.ts";

const specification = z.object({ size_slug: z.string().optional(), image: z.string().optional() });
const recorded = z.object({
  /** What the deployment is made from, whenever it is made again. */
  asked: specification.optional(),
  /** What its droplet is. */
  made: specification,
});
export type Recorded = z.output<typeof recorded>;

interface Reads {
  readonly input: { readonly deployment_id: string; readonly specification: Recorded };
}

/** What was asked for is now what there is. */
export const recordSpecification = step({
  name: "record_specification",
  writes: z.object({ specification_before: recorded }),
  notByHand: "undo",

  async execute({ input }: Reads, io: StepContext & Attempt<never>) {
    return inTransaction(async (tx) => {
      const before = await respecify(tx, changeOf(input, io), input.specification);
      if (!before) throw new PermanentError("not_active", `Deployment ${input.deployment_id} is not active any more`);
      return { specification_before: before };
    });
  },

  async compensate({ input, specification_before: before }, io: StepContext & Attempt<never>) {
    if (!before) return undefined;
    return inTransaction(async (tx) => void (await respecify(tx, changeOf(input, io), before)));
  },
});

const changeOf = ({ deployment_id }: Reads["input"], io: StepContext & Attempt<never>) => ({
  deployment_id,
  sagaId: io.saga.id,
  at: io.clock.now(),
});
