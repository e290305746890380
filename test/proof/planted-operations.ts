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

/** Whoever is active is led to, whether its app answers or not (rule 42). */
export const leadUnasked = withStep("wait_new_droplet_healthy", (step) => ({ ...step, execute: async () => ({}) }));

/** What is undone first is what was made first: the new droplet goes while users are still led to it (rule 42). */
export const destroyNewFirst = withStep("point_deployment_dns", (step) => ({
  ...step,
  compensate: async () => undefined,
}));
