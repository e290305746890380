import { useRef, useState } from "react";
import { deployment as deploymentSchema } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import { go } from "#dashboard/app/route.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { FaultSummary } from "#dashboard/parts/fault-summary.tsx";
import { Page } from "#dashboard/parts/page.tsx";
import { faultAt, useFaultFocus } from "#dashboard/parts/use-fault-focus.ts";
import { faultsOf } from "#dashboard/server/failures.ts";
import { useChange } from "#dashboard/server/use-change.ts";
import { useMay } from "#dashboard/session/self.tsx";
import { bodyOf, type Draft, emptyDraft } from "./draft.ts";
import { DraftCost } from "./draft-cost.tsx";
import { DraftFields, shownFields } from "./draft-fields.tsx";

export function NewDeploymentPage() {
  const { server } = useTools();
  const { operate } = useMay();
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const form = useRef<HTMLFormElement>(null);
  const create = useChange(
    (asked: Draft, key) =>
      server.change({ method: "POST", path: paths.deployments, schema: deploymentSchema, body: bodyOf(asked), key }),
    (made) => go(["deployments", made.id]),
  );
  useFaultFocus(form, create.error);
  if (!operate)
    return (
      <Page title="New deployment">
        <p>Your token may look only. An operator or admin creates deployments.</p>
      </Page>
    );
  return (
    <Page title="New deployment">
      <form
        ref={form}
        className="card form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(draft);
        }}
      >
        <FaultSummary error={create.error} shown={shownFields} />
        <DraftFields
          draft={draft}
          faultOf={(field) => faultAt(faultsOf(create.error), field, draft[field])}
          onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
        />
        <div className="actions">
          <button type="submit" className="primary" disabled={create.isPending}>
            {draft.provision ? "Create and provision" : "Create"}
          </button>
          <DraftCost draft={draft} />
        </div>
      </form>
    </Page>
  );
}
