import { z } from "zod";
import { checkSpecification, sizeOf } from "#catalogue/check.ts";
import { anySaga } from "#engine/saga.ts";
import { refuseFaults } from "#refusal.ts";
import { bringPowerBack, bringPowerOff } from "../steps/bring-power.ts";
import { bringSize } from "../steps/bring-size.ts";
import { recordSpecification } from "../steps/record-specification.ts";
import { waitHealthy } from "../steps/wait-new-droplet-healthy.ts";
import { saga } from "../step-context.ts";
import {
  hasCheck,
  healthInput,
  healthInputOf,
  inputOf,
  monthlyUsd,
  operation,
  operationInput,
  refuseAt,
} from "./operation.ts";

const size_slug = z.string();
const input = operationInput.extend(healthInput.shape).extend({
  power: z.enum(["on", "off"]),
  size_slug,
  specification: z.object({ asked: z.object({ size_slug }), made: z.object({ size_slug }) }),
});

/** CPU and RAM alone, so that it can be undone: a disk that has grown never shrinks. */
export const resize = operation({
  saga: anySaga(
    saga("resize_deployment", input)
      .step(bringPowerOff)
      .step(bringSize)
      .step(bringPowerBack)
      .step(waitHealthy, hasCheck)
      .step(recordSpecification),
  ),
  body: z.object({ size_slug }),
  async prepare(tx, subject, { size_slug: wanted }) {
    const { deployment, seen, dropletId } = subject;
    const current = seen?.size_slug ?? deployment.size_slug;
    refuseAt("size_slug", wanted === current ? `droplet ${dropletId} has the size ${wanted} already` : undefined);
    refuseFaults(await checkSpecification(tx, { region: deployment.region, size_slug: wanted }));
    const [before, then] = [await sizeOf(tx, current), await sizeOf(tx, wanted)];
    const disk = seen?.disk ?? before?.disk;
    if (disk !== undefined && then?.disk !== undefined && then.disk < disk)
      refuseAt(
        "size_slug",
        `size ${wanted} has a disk of ${then.disk} GB, the droplet's is ${disk}: a disk cannot shrink`,
      );
    const specification = { asked: { size_slug: wanted }, made: { size_slug: wanted } };
    return {
      size_slug: wanted,
      input: {
        ...inputOf(subject),
        ...healthInputOf(subject, deployment.power === "on"),
        power: deployment.power,
        size_slug: wanted,
        specification,
      },
      preview: {
        does: [
          `Droplet ${dropletId} is turned off, changed from ${current} to ${wanted}, and turned on`,
          `CPU and RAM change; its disk of ${disk === undefined ? "today" : `${disk} GB`}, its address and its data stay`,
          subject.health_check
            ? "It goes back to the old size when it does not come up, or its health check fails"
            : "It goes back to the old size when it does not come up",
        ],
        cannot_undo: [],
        interruption: deployment.power === "on" ? "while it is off, two or three minutes" : null,
        monthly_usd: monthlyUsd(deployment, before, then),
      },
    };
  },
});
