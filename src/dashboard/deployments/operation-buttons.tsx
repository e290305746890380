import { useState } from "react";
import type { Deployment } from "#api/deployments.ts";
import { contractOf, type OperationName, operationNames } from "#api/operations.ts";
import { hasEnded } from "#saga-ended.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { OperationDialog } from "./operation-dialog.tsx";

/** What can be asked of an active deployment, while nothing of it runs. */
export function OperationButtons({ deployment }: { readonly deployment: Deployment }) {
  const [asking, setAsking] = useState<OperationName | null>(null);
  const { status, power, adopted, saga, conditions } = deployment;
  const isFree = status === "active" && (saga === null || hasEnded(saga.status));
  const isGone = conditions.some(({ code }) => code === "droplet_gone");
  const { administerAll } = useMay();
  const offered = operationNames.filter((name) => {
    const { power: as = power, wantsGone = false, isOfAdopted = false } = contractOf(name);
    return as === power && wantsGone === isGone && (!isOfAdopted || (adopted && administerAll));
  });
  return (
    <>
      {isFree &&
        offered.map((name) => (
          <button key={name} type="button" onClick={() => setAsking(name)}>
            {contractOf(name).title}…
          </button>
        ))}
      {asking && <OperationDialog deployment={deployment} operation={asking} onClose={() => setAsking(null)} />}
    </>
  );
}
