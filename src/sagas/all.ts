import { type AnySaga, anySaga } from "#engine/saga.ts";
import { adoptDeployment } from "./adopt-deployment.ts";
import { attachVolume } from "./attach-volume.ts";
import { deleteSnapshot } from "./delete-snapshot.ts";
import { deprovisionDeployment } from "./deprovision-deployment.ts";
import { destroyDroplet } from "./destroy-droplet.ts";
import { leadRecordBack } from "./lead-record-back.ts";
import { parkDeployment } from "./park-deployment.ts";
import { allOperations } from "./operations/all.ts";
import { provisionDeployment } from "./provision-deployment.ts";
import { provisionDroplet } from "./provision-droplet.ts";
import { removeLeftover } from "./remove-leftover.ts";
import { unparkDeployment } from "./unpark-deployment.ts";
import type { StepContext } from "./step-context.ts";

/** Every saga there is, by name. */
export const allSagas: ReadonlyMap<string, AnySaga<StepContext>> = new Map(
  [
    anySaga(provisionDeployment),
    anySaga(adoptDeployment),
    anySaga(deprovisionDeployment),
    anySaga(provisionDroplet),
    anySaga(destroyDroplet),
    anySaga(removeLeftover),
    anySaga(parkDeployment),
    anySaga(unparkDeployment),
    anySaga(deleteSnapshot),
    anySaga(attachVolume),
    anySaga(leadRecordBack),
    ...Object.values(allOperations).map((operation) => operation.saga),
  ].map((saga) => [saga.name, saga]),
);
