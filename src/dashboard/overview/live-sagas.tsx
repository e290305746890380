import { useQuery } from "@tanstack/react-query";
import { paths } from "#api/paths.ts";
import { type Saga, sagaPage } from "#api/sagas.ts";
import { hrefOf } from "#dashboard/app/route.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { StepStrip } from "#dashboard/sagas/step-strip.tsx";
import { plain } from "#dashboard/sagas/words.ts";
import { pollEvery } from "#dashboard/server/poll.ts";

const shown = 8;
const live = "pending,running,waiting,compensating";

/** What goes on now; when nothing does, what ended last. */
export function LiveSagas() {
  const { server } = useTools();
  const read = (status: string | undefined) => ({
    queryKey: ["sagas", "overview", status],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      server.get(paths.sagas, sagaPage, { status, limit: shown }, signal),
    refetchInterval: pollEvery(2000),
  });
  const running = useQuery(read(live)).data;
  const newest = useQuery({ ...read(undefined), enabled: running?.items.length === 0 }).data;
  if (!running) return null;
  const idle = running.items.length === 0;
  const sagas = idle ? (newest?.items ?? []) : running.items;
  return (
    <section className="card" aria-label="Sagas">
      <header className="card-head">
        <h2>{idle ? "Nothing is in flight. Last sagas" : "In flight"}</h2>
        <a href={hrefOf(["sagas"], idle ? {} : { status: live })}>All</a>
      </header>
      {sagas.length === 0 && <p className="faint pad">There has been no saga yet.</p>}
      <ul className="lines">
        {sagas.map((saga) => (
          <SagaLine key={saga.id} saga={saga} />
        ))}
      </ul>
    </section>
  );
}

function SagaLine({ saga }: { readonly saga: Saga }) {
  const page = saga.deployment_id ? ["deployments", saga.deployment_id] : ["sagas", saga.id];
  return (
    <li>
      <a href={hrefOf(page)}>{plain(saga.name)}</a>
      <Badge status={saga.status} />
      <StepStrip saga={saga} />
      <span className="faint end">
        <Ago at={saga.finished_at ?? saga.started_at ?? saga.created_at} />
      </span>
    </li>
  );
}
