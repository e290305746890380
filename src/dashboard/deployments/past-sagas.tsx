import { useQuery } from "@tanstack/react-query";
import { paths } from "#api/paths.ts";
import { sagaPage } from "#api/sagas.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { failureIn } from "#dashboard/sagas/plain-error.ts";
import { plain } from "#dashboard/sagas/words.ts";

/** The earlier sagas of a deployment: what was tried before. */
export function PastSagas(props: { readonly deploymentId: string; readonly newest: string | undefined }) {
  const { deploymentId, newest } = props;
  const { server } = useTools();
  const { data } = useQuery({
    queryKey: ["past-sagas", deploymentId, newest],
    queryFn: ({ signal }) => server.get(paths.sagas, sagaPage, { deployment_id: deploymentId, limit: 20 }, signal),
  });
  const past = data?.items.filter((saga) => saga.id !== newest) ?? [];
  if (past.length === 0) return null;
  return (
    <section className="card" aria-label="Earlier sagas">
      <header className="card-head">
        <h2>Earlier</h2>
      </header>
      <ul className="lines">
        {past.map((saga) => (
          <li key={saga.id}>
            <a href={hrefOf(["sagas", saga.id])}>{plain(saga.name)}</a> <Badge status={saga.status} />
            <span className="faint">
              <Ago at={saga.created_at} />
            </span>
            <span className="clip faint">{failureIn(saga)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
