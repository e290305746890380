import { useId, useState } from "react";
import { type Deployment, deployment as deploymentSchema } from "#api/deployments.ts";
import { contractOf, type OperationName, operationPreview } from "#api/operations.ts";
import { fill, paths } from "#api/paths.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Field } from "#dashboard/parts/field.tsx";
import { FormDialog } from "#dashboard/parts/form-dialog.tsx";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { faultsOf } from "#dashboard/server/failures.ts";
import { useChange } from "#dashboard/server/use-change.ts";
import { usePreview } from "#dashboard/server/use-preview.ts";
import { OperationInput, valueOf } from "./operation-input.tsx";
import { OperationEffects } from "./operation-effects.tsx";

/** Asks for what an operation needs, shows what it would do as things stand, and starts it. */
export function OperationDialog(props: {
  readonly deployment: Deployment;
  readonly operation: OperationName;
  readonly onClose: () => void;
}) {
  const { deployment, operation, onClose } = props;
  const { id, hostname } = deployment;
  const { title, fields, body: schema, isFinal } = contractOf(operation);
  const { server } = useTools();
  const [draft, setDraft] = useState<Readonly<Record<string, string>>>({});
  const [typed, setTyped] = useState("");
  const asked = schema.safeParse(
    Object.fromEntries(
      Object.entries(draft).flatMap(([key, text]) => {
        const field = fields[key];
        return text === "" || !field ? [] : [[key, valueOf(field, text)]];
      }),
    ),
  );
  const path = fill(paths.deploymentOperation, { id, operation });
  const preview = usePreview(["deployment", id, "preview", operation, useId()], path, operationPreview, asked);
  const start = useChange(
    (body: Readonly<Record<string, unknown>>, key) =>
      server.change({ method: "POST", path, schema: deploymentSchema, body, key }),
    onClose,
  );
  const isReady = preview.data !== undefined && !start.isPending && (!isFinal || typed.trim() === hostname);
  const submit = () => {
    if (isReady && asked.data) start.mutate(asked.data);
  };
  const faultAt = (field: string) => faultsOf(preview.error).find((fault) => fault.path === field)?.message;
  return (
    <FormDialog
      title={`${title} ${hostname}?`}
      action={`${title} it`}
      isDangerous={isFinal === true}
      isReady={isReady}
      onSubmit={submit}
      onCancel={onClose}
    >
      {Object.entries(fields).map(([key, field]) => (
        <OperationInput
          key={key}
          field={field}
          deployment={deployment}
          value={draft[key] ?? ""}
          fault={faultAt(key)}
          onChange={(text) => setDraft((before) => ({ ...before, [key]: text }))}
        />
      ))}
      {preview.data ? (
        <OperationEffects preview={preview.data} />
      ) : (
        !preview.error && (
          <p role="status">
            {asked.success ? "Reading what it would do…" : "Choose first: then it says what it does."}
          </p>
        )
      )}
      <ProblemNote error={start.error ?? preview.error} />
      {isFinal && (
        <Field label="Type the hostname to go on" hint={<code>{hostname}</code>}>
          {(input) => (
            <input
              {...input}
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
      )}
    </FormDialog>
  );
}
