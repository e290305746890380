import { paths } from "#api/paths.ts";
import { syncRequested } from "#api/resources.ts";
import { useProvider } from "#dashboard/app/use-provider.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { Ago } from "#dashboard/parts/time.tsx";
import { useChange } from "#dashboard/server/use-change.ts";

/** Has the whole account read now, and says when it last was. */
export function SyncButton() {
  const { server } = useTools();
  const provider = useProvider();
  const sync = useChange((_: void, key) =>
    server.change({ method: "POST", path: paths.inventorySync, schema: syncRequested, key }),
  );
  return (
    <>
      {provider?.inventory_read_at && (
        <span className="faint">
          read <Ago at={provider.inventory_read_at} />
        </span>
      )}
      <button type="button" disabled={sync.isPending} onClick={() => sync.mutate()}>
        Read the account now
      </button>
      <ProblemNote error={sync.error} />
    </>
  );
}
