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

/** The address is given back in the order in which things come to mind, and not after its record (rule 51). */
export const releaseFirst = withStep("power_off_droplet", (step) => ({
  ...step,
  execute: async (reads, io) => {
    for (const { ip } of (await io.digitalOcean.reservedIps.list(io.call(io.signal))).items)
      await io.digitalOcean.reservedIps.delete(ip, io.call(io.signal));
    return step.execute(reads, io);
  },
}));

/** What a replacement has led to the new droplet stays with it when that goes (rule 52). */
export const keepAssigned = withStep("assign_reserved_ip", (step) => ({ ...step, compensate: async () => undefined }));
