import type { Check } from "#probes/check.ts";
import { byHand, later } from "./by-hand.ts";
import { deploy } from "./deploy.ts";
import { ask } from "./operation-scenarios.ts";
import { healthCheck, makeRelease } from "./releases.ts";
import { commit, grow, type Scenario, whole } from "./scenarios.ts";
import { bystander, type Stage } from "./stage/stage.ts";

const minute = 60_000;
/** So rarely asked that the way may be down for longer than answers tell of it before anything is given up. */
const patient: Check = { ...healthCheck, interval_seconds: 30, unhealthy_after: 10, deadline_seconds: 1800 };

/** Nothing of ours is answered from there to there: our own way to all droplets is down. */
function dark(stage: Stage, fromMs: number, toMs: number): void {
  const all = (state: string) => byHand(stage, "POST", "/_sim/apps", { state, delay_ms: 3_600_000 });
  later(stage, fromMs, () => all("slow"));
  later(stage, toMs, () => all("well"));
}

const beside = [bystander, `${bystander}-too`, `${bystander}-three`];
const anew = { discard_disk: true, release: "v2" };

export const darkScenarios: Readonly<Record<string, Scenario>> = {
  // Our way to the droplets is down, at first and once more while the new one bakes. Others that bake tell that it is not the app.
  "replace_deployment:dark": {
    saga: "replace_deployment",
    steps: ["wait_new_droplet_healthy", "bake"],
    async prepare(stage) {
      await stage.perform(
        commit(stage, async (tx) => {
          for (const name of ["v1", "v2"]) await makeRelease(stage, tx, name, { rollback_safe: true, check: patient });
        }),
      );
      for (const name of ["acme", ...beside]) await whole(stage, (tx) => deploy(stage, tx, name, { release: "v1" }));
      await grow(stage.scheduler);
      const long = { ...anew, bake_seconds: 900 };
      for (const name of beside) await stage.perform(commit(stage, (tx) => ask(stage, tx, "replace", long, name)));
      for (const _ of ["booted", "well"]) await grow(stage.scheduler);
    },
    start(stage, tx) {
      dark(stage, 0, 7 * minute);
      dark(stage, 9 * minute, 16 * minute);
      return ask(stage, tx, "replace", { ...anew, bake_seconds: 120 });
    },
  },
};
