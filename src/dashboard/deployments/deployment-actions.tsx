import { useState } from "react";
import { type Deployment, deployment as deploymentSchema } from "#api/deployments.ts";
import { fill, paths } from "#api/paths.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { useChange } from "#dashboard/server/use-change.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { ChangeDialog } from "./change-dialog.tsx";
import { DestroyDialog } from "./destroy-dialog.tsx";
import { MonthlyCost } from "./draft-cost.tsx";
import { OperationButtons } from "./operation-buttons.tsx";

/** What can be asked of a deployment; cancel and retry are its saga's, and stand there. */
export function DeploymentActions({ deployment }: { readonly deployment: Deployment }) {
  const { server } = useTools();
  const { operate } = useMay();
  const [open, setOpen] = useState<"change" | "destroy" | null>(null);
  const close = () => setOpen(null);
  const { id, status } = deployment;
  const provision = useChange((_: void, key) =>
    server.change({ method: "POST", path: fill(paths.deploymentProvision, { id }), schema: deploymentSchema, key }),
  );
  if (!operate) return <span className="faint">Your token may look only</span>;
  const provisionable = status === "pending" || status === "cancelled";
  return (
    <>
      {provisionable && (
        <>
          <button type="button" className="primary" disabled={provision.isPending} onClick={() => provision.mutate()}>
            {status === "pending" ? "Provision" : "Provision again"}
          </button>
          <MonthlyCost usd={deployment.monthly_usd} />
        </>
      )}
      <OperationButtons deployment={deployment} />
      {status !== "terminated" && status !== "deprovisioning" && (
        <>
          <button type="button" onClick={() => setOpen("change")}>
            Change…
          </button>
          <button type="button" className="danger" onClick={() => setOpen("destroy")}>
            Destroy…
          </button>
        </>
      )}
      <ProblemNote error={provision.error} />
      {open === "change" && <ChangeDialog deployment={deployment} onClose={close} />}
      {open === "destroy" && <DestroyDialog deployment={deployment} onClose={close} />}
    </>
  );
}
