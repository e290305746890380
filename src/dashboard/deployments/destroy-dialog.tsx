import { useId, useState } from "react";
import { type Deployment, deployment as deploymentSchema } from "#api/deployments.ts";
import { fill, paths } from "#api/paths.ts";
import { defaultKeepDays } from "#api/removal.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Confirm } from "#dashboard/parts/confirm.tsx";
import { usd } from "#dashboard/parts/usd.ts";
import { wordsOf } from "#dashboard/server/failures.ts";
import { Switch } from "#dashboard/parts/switch.tsx";
import { useChange } from "#dashboard/server/use-change.ts";
import { Doomed } from "./doomed.tsx";
import { useRemoval } from "./use-removal.ts";

/** That it may go was ticked by itself. */
const losing = (keep: boolean): string => `delete_volume=true&keep_snapshot_days=${keep ? defaultKeepDays : 0}`;

/** Shows exactly what will be removed, and wants the hostname typed. */
export function DestroyDialog(props: { readonly deployment: Deployment; readonly onClose: () => void }) {
  const { deployment, onClose } = props;
  const { server } = useTools();
  const removal = useRemoval(deployment.id, { asker: useId() });
  const [mayLose, setMayLose] = useState(false);
  const [keep, setKeep] = useState(true);
  const volume = removal.data?.volume;
  const destroy = useChange(
    () =>
      server.change({
        method: "DELETE",
        path: `${fill(paths.deployment, { id: deployment.id })}${volume ? `?${losing(keep)}` : ""}`,
        schema: deploymentSchema,
      }),
    onClose,
  );
  return (
    <Confirm
      title={`Destroy ${deployment.hostname}?`}
      word={deployment.hostname}
      what="hostname"
      action="Destroy it"
      change={destroy}
      ready={removal.data !== undefined && (!volume || mayLose)}
      onConfirm={() => destroy.mutate()}
      onCancel={onClose}
    >
      <p>There is no way back. This is removed:</p>
      {removal.data ? (
        <Doomed deployment={deployment} removal={removal.data} />
      ) : (
        <p role="status">{removal.error ? wordsOf(removal.error) : "Reading what there is…"}</p>
      )}
      {volume && (
        <>
          <Switch checked={mayLose} onChange={setMayLose}>
            Its volume may be deleted, with all of its data
          </Switch>
          <Switch checked={keep} onChange={setKeep}>
            Keep a last snapshot of the volume for {defaultKeepDays} days
            {volume.snapshot_usd_at_most !== null &&
              `, at ${usd(volume.snapshot_usd_at_most)} a month or less: it is billed by what it holds`}
          </Switch>
        </>
      )}
    </Confirm>
  );
}
