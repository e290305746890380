import { once } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import type { RecordLine } from "./invariants.ts";
import { addRecord } from "./records.ts";
import { grow, removeNamed, type Scenario, whole } from "./scenarios.ts";
import { bystander, type Stage } from "./stage/stage.ts";

/** What somebody has at the hostname, by where it leads. */
const leadingTo = (data: string): RecordLine => ({ type: "A", name: "acme", data, ttl: 600 });

/** The addresses of the first droplet of the account, and of the second. */
const [first, second] = ["198.18.0.2", "198.18.0.3"];
const elsewhere = "203.0.113.8";

/** A deployment has ended, and a person leads a hostname to the address that it had: a stranger has it by then. */
async function leadToGivenUp(stage: Stage, address: string, records: readonly RecordLine[]): Promise<void> {
  await whole(stage, (tx) => deploy(stage, tx, "former"));
  await grow(stage.scheduler);
  await whole(stage, (tx) => removeNamed(stage, tx, "former"));
  stage.person.lost.add(address);
  for (const record of records) await addRecord(stage, record);
  await grow(stage.scheduler);
}

/** The hostname is taken over. Once no record leads to the stranger any more, none may again. */
const takeOver =
  (address: string): Scenario["start"] =>
  (stage, tx) => {
    const { simulator, person } = stage;
    const led = () => simulator.state().domains.flatMap(({ records }) => records.filter((it) => it.data === address));
    once(
      stage,
      () => led().length === 0,
      async () => void person.lost.delete(address),
    );
    return deploy(stage, tx, "acme", { replaceDns: true });
  };

const fromGone = [first, elsewhere].map(leadingTo);
const fromLive = [first, second, elsewhere].map(leadingTo);

/** Hostnames of others that a deployment takes over, and that led to droplets of ours. */
export const takenOverScenarios: Readonly<Record<string, Scenario>> = {
  "provision_deployment:taken_from_given_up": {
    saga: "provision_deployment",
    steps: ["point_deployment_dns"],
    recordsBefore: fromGone,
    prepare: (stage) => leadToGivenUp(stage, first, fromGone),
    start: takeOver(first),
  },
  "provision_deployment:taken_from_live": {
    saga: "provision_deployment",
    steps: ["point_deployment_dns"],
    recordsBefore: fromLive,
    async prepare(stage) {
      await whole(stage, (tx) => deploy(stage, tx, bystander));
      await leadToGivenUp(stage, second, fromLive);
    },
    start: takeOver(second),
  },
};
