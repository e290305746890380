import { useQuery } from "@tanstack/react-query";
import { fill, paths } from "#api/paths.ts";
import { saga as sagaSchema } from "#api/sagas.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { HostnameOf } from "#dashboard/deployments/hostname-of.tsx";
import { Copyable } from "#dashboard/parts/copyable.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { pollEvery } from "#dashboard/server/poll.ts";
import { SagaPanel } from "./saga-panel.tsx";
import { plain } from "./words.ts";

export function SagaPage({ id }: { readonly id: string }) {
  const { server } = useTools();
  const watched = ["saga", id];
  const { data: saga, error } = useQuery({
    queryKey: watched,
    queryFn: ({ signal }) => server.get(fill(paths.saga, { id }), sagaSchema, {}, signal),
    refetchInterval: pollEvery(10_000),
  });
  return (
    <Page title={saga ? plain(saga.name) : "Saga"}>
      {!saga && <ProblemNote error={error} />}
      {saga && (
        <>
          <p className="facts">
            <Copyable text={saga.id} what="the saga's id" />
            {saga.deployment_id && <HostnameOf deploymentId={saga.deployment_id} />}
            {saga.provider_id !== null && <span>Droplet {saga.provider_id}</span>}
          </p>
          <SagaPanel saga={saga} watched={watched} />
        </>
      )}
    </Page>
  );
}
