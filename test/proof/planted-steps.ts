import type { Tx } from "#db/connection.ts";
import { DigitalOceanError } from "#providers/digitalocean/errors.ts";
import { PermanentError } from "#engine/failure.ts";
import type { AnySaga, AnyStep } from "#engine/saga.ts";
import { InTransaction, inTransaction, Snooze } from "#engine/step.ts";
import { withSteps } from "#proof/matrix/disturbed-sagas.ts";
import type { StepContext } from "#sagas/step-context.ts";

type Sagas = ReadonlyMap<string, AnySaga<StepContext>>;
type AStep = AnyStep<StepContext>;

/** The sagas with one step changed. */
export const withStep =
  (name: string, change: (step: AStep) => AStep) =>
  (sagas: Sagas): Sagas =>
    withSteps(sagas, (step) => (step.name === name ? change(step) : step));

const withEvery =
  (change: (step: AStep) => AStep) =>
  (sagas: Sagas): Sagas =>
    withSteps(sagas, change);

/** The attempt with something else in its place; its getters stay getters. */
const instead = <Io extends object>(io: Io, change: object): Io =>
  Object.create(null, { ...Object.getOwnPropertyDescriptors(io), ...Object.getOwnPropertyDescriptors(change) });

/** What ran without a committed outcome is not undone (rule 19). */
export const undoOnlyCompleted = withEvery((step) => ({
  ...step,
  compensate: async (reads, io) => {
    const own = Object.keys((step.writes as unknown as { shape: object }).shape);
    return own.some((key) => reads[key] === undefined) ? undefined : step.compensate(reads, io);
  },
}));

/** Done when DELETE answered 204 (rule 18). */
export const trustDelete = withEvery((step) => {
  const trusting = async (verdict: Promise<unknown>) => {
    const it = await verdict;
    return it instanceof Snooze && it.waitingFor.startsWith("two looks") ? undefined : it;
  };
  if (step.name !== "create_droplet") return step;
  return { ...step, compensate: (reads, io) => trusting(step.compensate(reads, io)) as never };
});

/** The intent is written with the outcome, not before the create (rule 12). */
export const forgetIntent = withStep("create_droplet", (step) => ({
  ...step,
  execute: async (reads, io) => {
    const late: ((tx: Tx) => Promise<unknown>)[] = [];
    const commit = async (write: (tx: Tx) => Promise<void>) => void late.push(write);
    const verdict = await step.execute(reads, instead(io, { commit }));
    if (!(verdict instanceof InTransaction)) return verdict;
    return inTransaction(async (tx) => {
      for (const write of late) await write(tx);
      return verdict.write(tx);
    }) as never;
  },
}));

/** Undone whatever the record holds by now (rule 22): what is read seems to be ours. */
export const restoreBlindly = withStep("point_deployment_dns", (step) => ({
  ...step,
  compensate: (reads, io) => {
    const { domains } = io.digitalOcean;
    const get: typeof domains.records.get = async (zone, id, call) => {
      const record = await domains.records.get(zone, id, call);
      return { ...record, data: reads.droplet_public_ip ?? record.data };
    };
    const digitalOcean = { ...io.digitalOcean, domains: { ...domains, records: { ...domains.records, get } } };
    return step.compensate(reads, instead(io, { digitalOcean }));
  },
}));

/** The resource is not linked, so nobody is billed for it. */
export const forgetLink = withStep("link_deployment_resource", (step) => ({ ...step, execute: async () => ({}) }));

/** A rolled back deployment stays "provisioning". */
export const forgetMark = withStep("mark_deployment_provisioning", (step) => ({
  ...step,
  compensate: async () => undefined,
}));

/** The registration is not undone: a row claims what is not there. */
export const forgetUnregister = withStep("register_droplet", (step) => ({
  ...step,
  compensate: async () => undefined,
}));

/** A droplet that is not listed yet is given up (rules 17 and 16). */
export const giveUpYoung = withStep("wait_droplet_active", (step) => ({
  ...step,
  execute: async (reads, io) => {
    const verdict = await step.execute(reads, io);
    if (verdict instanceof Snooze && verdict.waitingFor.includes("not listed yet"))
      throw new PermanentError("placement_failed", "It is not there");
    return verdict;
  },
}));

/** Whatever fails, fails for good (rule 4). */
export const neverTryAgain = withEvery((step) => ({
  ...step,
  execute: (reads, io) =>
    step.execute(reads, io).catch((error: unknown) => {
      throw error instanceof DigitalOceanError ? new PermanentError("gave_up", error.message) : error;
    }),
}));

/** The records that an earlier look showed are not looked for again (rule 22). */
export const forgetRecordsSeen = withStep("point_deployment_dns", (step) => ({
  ...step,
  execute: (reads, io) => step.execute({ ...reads, dns_before: [] }, io),
}));

/** The step with another answer to whether a droplet is there. */
const parkingWith = (answer: (asked: number, gone: number, get: () => Promise<unknown>) => Promise<unknown>) =>
  withStep("park_deployment_dns", (step) => ({
    ...step,
    execute: async (reads, io) => {
      const { droplets } = io.digitalOcean;
      const get = (id: number, call: never) => answer(id, reads.input.provider_id, () => droplets.get(id, call));
      return step.execute(reads, instead(io, { digitalOcean: { ...io.digitalOcean, droplets: { ...droplets, get } } }));
    },
  }));

/** Parks what looks have said once, without asking anew (rule 36). */
export const parkUnasked = parkingWith(async (asked, gone, get) => {
  if (asked !== gone) return get();
  throw new DigitalOceanError("it is not there", {
    method: "GET",
    route: "/v2/droplets/{id}",
    reason: "not_found",
    effect: "none",
  });
});

/** Parks although nothing bears witness that the provider can be believed (rule 36). */
export const parkUnwitnessed = parkingWith(async (asked, gone, get) => (asked === gone ? get() : {}));
