import { sagaOf } from "#resources/kinds/droplet-handle.ts";
import { parkingAddress } from "../invariants.ts";
import { untilQuietFor, untilSeenTo } from "../matrix/endings.ts";
import type { Stage } from "../stage/stage.ts";
import type { Aftermath } from "./history.ts";
import type { Troubles } from "./troubles.ts";

const minuteMs = 60_000;
/** Between two syncs. */
const syncMs = 15 * minuteMs;

const deployedDroplets = async ({ db }: Stage): Promise<number[]> =>
  (
    await db
      .selectFrom("cloud_resources")
      .innerJoin("deployments", "deployments.id", "deployment_id")
      .select("cloud_resources.provider_id")
      .where("deployments.status", "=", "active")
      .where("cloud_resources.deleted_at", "is", null)
      .orderBy("cloud_resources.provider_id")
      .execute()
  ).map((row) => row.provider_id);

/** Somebody else destroys a droplet of those that we have made; or, once all is calm, that we have. */
export function loseDroplet(stage: Stage, nth: number, isCalm = false): string {
  const all = stage.simulator.state().droplets;
  const droplets = all.filter((it) => (isCalm ? it.tags.length > 0 : sagaOf(it) !== undefined));
  const droplet = droplets[nth % Math.max(1, droplets.length)];
  if (!droplet) return "there is no droplet";
  stage.person.lose(droplet.id);
  return `${droplet.id}`;
}

/** So few that are missed beside others that are shown are believed to be gone, each for itself (rule 36). */
const believed = 2;

/** All that are deployed; where they are too few for a lie to show by their number, all of the region. */
const tooMany = ({ simulator }: Stage, deployed: readonly number[]): readonly number[] =>
  deployed.length > believed ? deployed : simulator.state().droplets.map(({ id }) => id);

/**
 * Lets happen what happens when all is calm. @returns what does not hold: a lie that is no longer than a droplet has to be
 * absent, or about so many, takes nobody's DNS down
 */
export async function afterwards(stage: Stage, aftermath: Aftermath, troubles: Troubles): Promise<string[]> {
  const { scheduler, simulator } = stage;
  if (aftermath.kind === "lose") {
    loseDroplet(stage, aftermath.nth, true);
    await untilSeenTo(stage);
    return [];
  }
  const droplets = await stage.perform(deployedDroplets(stage));
  const { nth } = aftermath;
  const denied =
    nth === "all" ? tooMany(stage, droplets) : droplets.filter((_, index) => index === nth % droplets.length);
  const parked = () =>
    simulator.state().domains.flatMap(({ records }) => records.filter(({ data }) => data === parkingAddress));
  const before = parked().length;
  // Just before a sync, which would otherwise come after most lies are over.
  const rest = syncMs - (scheduler.now() % syncMs);
  await untilQuietFor(stage, rest > 2 * minuteMs ? rest - minuteMs : rest + syncMs - minuteMs);
  troubles.deny((id) => denied.includes(id));
  await untilQuietFor(stage, aftermath.ms);
  const during = parked().length;
  troubles.deny(undefined);
  await untilQuietFor(stage, syncMs + 2 * minuteMs);
  const broken =
    during > before ? [`13: the provider denied ${denied.length} droplets, and ${during} records are parked`] : [];
  return [...broken, ...(parked().length > before ? ["13: a record is parked whose droplet is there"] : [])];
}
