import type { AnySaga } from "#engine/saga.ts";
import { deprovisionDeployment } from "./deprovision-deployment.ts";
import { destroyDroplet } from "./destroy-droplet.ts";
import { provisionDeployment } from "./provision-deployment.ts";
import { provisionDroplet } from "./provision-droplet.ts";
import type { World } from "./world.ts";

/** Every saga there is, by name. */
export const allSagas: ReadonlyMap<string, AnySaga<World>> = new Map(
  [provisionDeployment, deprovisionDeployment, provisionDroplet, destroyDroplet].map((it) => [
    it.name,
    // A saga forgets its context's type here: the engine runs what the builder has checked.
    it as unknown as AnySaga<World>,
  ]),
);
