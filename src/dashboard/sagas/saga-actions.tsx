import { useState } from "react";
import { fill, paths } from "#api/paths.ts";
import { type Saga, saga as sagaSchema } from "#api/sagas.ts";
import { hasEnded } from "#saga-ended.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { useChange } from "#dashboard/server/use-change.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";

type Door = "sagaCancel" | "sagaRetry" | "sagaResolve" | "sagaReleaseHold";

/** What can be asked of a saga, as far as its state and the token allow. */
export function SagaActions({ saga }: { readonly saga: Saga }) {
  const { server } = useTools();
  const { operate, administerAll } = useMay();
  const [asking, setAsking] = useState<"cancel" | "resolve" | null>(null);
  const change = useChange(
    ({ door, reason }: { door: Door; reason?: string }, key) =>
      server.change({
        method: "POST",
        path: fill(paths[door], { id: saga.id }),
        schema: sagaSchema,
        key,
        ...(reason && { body: { reason } }),
      }),
    () => setAsking(null),
  );
  if (!operate || hasEnded(saga.status)) return null;
  const stuck = saga.status === "stuck";
  const held = saga.status === "held";
  const cancellable =
    !stuck &&
    !held &&
    saga.direction === "forward" &&
    saga.cancel_requested_at === null &&
    saga.name.startsWith("provision");
  return (
    <span className="actions">
      {cancellable && (
        <button type="button" className="danger" onClick={() => setAsking("cancel")}>
          Cancel
        </button>
      )}
      {stuck && (
        <button type="button" disabled={change.isPending} onClick={() => change.mutate({ door: "sagaRetry" })}>
          Retry
        </button>
      )}
      {held && (
        <button type="button" disabled={change.isPending} onClick={() => change.mutate({ door: "sagaCancel" })}>
          Withdraw
        </button>
      )}
      {held && administerAll && (
        <button
          type="button"
          className="danger"
          disabled={change.isPending}
          onClick={() => change.mutate({ door: "sagaReleaseHold" })}
        >
          Let it go on
        </button>
      )}
      {stuck && administerAll && (
        <button type="button" onClick={() => setAsking("resolve")}>
          Resolve by hand
        </button>
      )}
      {!asking && <ProblemNote error={change.error} />}
      {asking === "cancel" && (
        <ReasonDialog
          title="Cancel and roll back?"
          action="Cancel and roll back"
          text="What was made so far is undone: the droplet is destroyed, DNS is put back as it was."
          change={change}
          onAnswer={(reason) => change.mutate({ door: "sagaCancel", reason })}
          onCancel={() => setAsking(null)}
        />
      )}
      {asking === "resolve" && (
        <ReasonDialog
          title="Close this saga by hand?"
          action="It is done by hand"
          text="What the saga could not do counts as done. Check at the provider first: nothing looks again."
          required
          change={change}
          onAnswer={(reason) => change.mutate({ door: "sagaResolve", reason })}
          onCancel={() => setAsking(null)}
        />
      )}
    </span>
  );
}
