import { Snooze } from "#engine/step.ts";
import { withStep } from "./planted-steps.ts";

/** A change is done when its action was taken on, whatever the droplet shows (rule 39). */
export const trustAction = withStep("bring_power", (step) => ({
  ...step,
  execute: async (reads, io) => {
    const verdict = await step.execute(reads, io);
    return verdict instanceof Snooze ? {} : verdict;
  },
}));

/** What a resize has turned off stays off when it fails (rule 40). */
export const leaveOff = withStep("bring_power_off", (step) => ({ ...step, compensate: async () => undefined }));
