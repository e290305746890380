import { useQuery } from "@tanstack/react-query";
import { paths } from "#api/paths.ts";
import { sagaPage } from "#api/sagas.ts";
import { HostnameOf } from "#dashboard/deployments/hostname-of.tsx";
import { failureIn } from "#dashboard/sagas/plain-error.ts";
import { plain } from "#dashboard/sagas/words.ts";
import { pollEvery } from "#dashboard/server/poll.ts";
import { hrefOf } from "./route.ts";
import { useTools } from "./tools.ts";

const shown = 5;

/** A stuck saga waits for a human: it is at the top of every page until one comes. */
export function StuckBanner() {
  const { server } = useTools();
  const { data } = useQuery({
    queryKey: ["stuck"],
    queryFn: ({ signal }) => server.get(paths.sagas, sagaPage, { status: "stuck", limit: shown }, signal),
    refetchInterval: pollEvery(5000),
  });
  const stuck = data?.items ?? [];
  return (
    <div role="alert">
      {stuck.length > 0 && (
        <div className="banner bad stuck">
          <strong>{stuck.length === 1 ? "A saga is stuck and needs you" : "Sagas are stuck and need you"}</strong>
          <ul>
            {stuck.map((saga) => (
              <li key={saga.id}>
                <a href={hrefOf(["sagas", saga.id])}>{plain(saga.name)}</a>
                {saga.deployment_id && (
                  <>
                    {" of "}
                    <HostnameOf deploymentId={saga.deployment_id} />
                  </>
                )}
                {": "}
                {failureIn(saga)}
              </li>
            ))}
            {data?.next_cursor && (
              <li>
                <a href={hrefOf(["sagas"], { status: "stuck" })}>All of them</a>
              </li>
            )}
          </ul>
        </div>
      )}
    </div>
  );
}
