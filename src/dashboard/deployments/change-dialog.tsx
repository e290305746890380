import { useState } from "react";
import { type Deployment, deployment as deploymentSchema } from "#api/deployments.ts";
import { fill, paths } from "#api/paths.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { FaultSummary } from "#dashboard/parts/fault-summary.tsx";
import { Field } from "#dashboard/parts/field.tsx";
import { FormDialog } from "#dashboard/parts/form-dialog.tsx";
import { LabelsField } from "#dashboard/parts/labels-field.tsx";
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
    <FormDialog
      title={`Change ${deployment.hostname}`}
      action="Save"
      isReady={!change.isPending && Object.keys(body).length > 0}
      onSubmit={() => change.mutate()}
      onCancel={onClose}
    >
      <FaultSummary error={change.error} shown={["labels", "variables", "health_check"]} />
      <LabelsField fault={fault("labels")} value={labels} onChange={setLabels} />
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
    </FormDialog>
  );
}
