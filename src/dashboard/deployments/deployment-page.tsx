import { useQuery } from "@tanstack/react-query";
import { deployment as deploymentSchema } from "#api/deployments.ts";
import { contractOf } from "#api/operations.ts";
import { fill, paths } from "#api/paths.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { inPlainWords } from "#dashboard/sagas/plain-error.ts";
import { SagaPanel } from "#dashboard/sagas/saga-panel.tsx";
import { pollEvery } from "#dashboard/server/poll.ts";
import { Conditions } from "./conditions.tsx";
import { DeploymentActions } from "./deployment-actions.tsx";
import { DeploymentFacts } from "./deployment-facts.tsx";
import { PastSagas } from "./past-sagas.tsx";
import { shownStatus } from "./shown-status.ts";

export function DeploymentPage({ id }: { readonly id: string }) {
  const { server } = useTools();
  const watched = ["deployment", id];
  const { data: deployment, error } = useQuery({
    queryKey: watched,
    queryFn: ({ signal }) => server.get(fill(paths.deployment, { id }), deploymentSchema, {}, signal),
    refetchInterval: pollEvery(5000),
  });
  if (!deployment)
    return (
      <Page title="Deployment">
        <ProblemNote error={error} />
      </Page>
    );
  const heading = (
    <>
      {deployment.hostname} <Badge status={shownStatus(deployment)} />
    </>
  );
  return (
    <Page title={deployment.hostname} heading={heading} actions={<DeploymentActions deployment={deployment} />}>
      {deployment.reason && !deployment.saga?.error && (
        <p className="saga-note bad">{inPlainWords(deployment.reason).said}</p>
      )}
      {deployment.operation && <p className="saga-note">{contractOf(deployment.operation).summary}: this runs now.</p>}
      {deployment.delete_requested_at && deployment.status === "provisioning" && (
        <p className="saga-note">It is rolled back first, and terminated then.</p>
      )}
      <Conditions conditions={deployment.conditions} />
      <DeploymentFacts deployment={deployment} />
      {deployment.saga && <SagaPanel key={deployment.saga.id} saga={deployment.saga} watched={watched} />}
      <PastSagas deploymentId={id} newest={deployment.saga?.id} />
    </Page>
  );
}
