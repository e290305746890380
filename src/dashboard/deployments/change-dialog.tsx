import { useState } from "react";
import { type Deployment, deployment as deploymentSchema } from "#api/deployments.ts";
import { fill, paths } from "#api/paths.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Dialog } from "#dashboard/parts/dialog.tsx";
import { FaultSummary } from "#dashboard/parts/fault-summary.tsx";
import { Field } from "#dashboard/parts/field.tsx";
import { labelsIn, toldLabels, variableChangesIn } from "#dashboard/parts/pairs.ts";
import { Switch } from "#dashboard/parts/switch.tsx";
import { TextField } from "#dashboard/parts/text-field.tsx";
import { faultAt } from "#dashboard/parts/use-fault-focus.ts";
import { checkOf, toldCheck } from "#dashboard/releases/check.ts";
import { faultsOf } from "#dashboard/server/failures.ts";
import { useChange } from "#dashboard/server/use-change.ts";
import { useMay } from "#dashboard/session/self.tsx";

/** What may be changed of a deployment at any time; what is left as it was is not sent. */
export function ChangeDialog(props: { readonly deployment: Deployment; readonly onClose: () => void }) {
  const { deployment, onClose } = props;
  const { server } = useTools();
  const { administer } = useMay();
  const before = {
    labels: toldLabels(deployment.labels),
    check: deployment.health_check ? toldCheck(deployment.health_check) : "",
  };
  const [labels, setLabels] = useState(before.labels);
  const [variables, setVariables] = useState("");
  const [check, setCheck] = useState(before.check);
  const [isProtected, setProtected] = useState(deployment.protected);
  const body = {
    ...(labels !== before.labels && { labels: labelsIn(labels) }),
    ...(variables.trim() && { variables: variableChangesIn(variables) }),
    ...(check !== before.check && { health_check: check.trim() === "" ? null : checkOf(check) }),
    ...(isProtected !== deployment.protected && { protected: isProtected }),
  };
  const change = useChange(
    () =>
      server.change({
        method: "PATCH",
        path: fill(paths.deployment, { id: deployment.id }),
        schema: deploymentSchema,
        body,
      }),
    onClose,
  );
  const fault = (field: string) => faultAt(faultsOf(change.error), field, undefined);
  return (
    <Dialog title={`Change ${deployment.hostname}`} onCancel={onClose}>
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <FaultSummary error={change.error} shown={["labels", "variables", "health_check"]} />
        <TextField
          label="Labels"
          fault={fault("labels")}
          hint="By which it is found: cohort=internal, tier=gold"
          value={labels}
          onChange={setLabels}
        />
        <Field
          label="Variables"
          fault={fault("variables")}
          hint={
            "NAME=value sets one, NAME alone removes it, a line each; for the droplet that it gets next. It has " +
            (deployment.variable_names.join(", ") || "none")
          }
        >
          {(input) => (
            <textarea
              {...input}
              rows={3}
              spellCheck={false}
              value={variables}
              onChange={(event) => setVariables(event.target.value)}
            />
          )}
        </Field>
        <TextField
          label="Health check"
          fault={fault("health_check")}
          hint="http:8080/healthz, https:443/ or tcp:5432; for the droplet that it gets next. Empty: its release's"
          value={check}
          onChange={setCheck}
        />
        {(administer || !deployment.protected) && (
          <Switch checked={isProtected} onChange={setProtected}>
            Protected: nobody destroys it, or writes its disk anew, before an admin has lifted this
          </Switch>
        )}
        <div className="actions">
          <button type="submit" className="primary" disabled={change.isPending || Object.keys(body).length === 0}>
            Save
          </button>
          <button type="button" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
