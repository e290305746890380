import { useState } from "react";
import { Field } from "#dashboard/parts/field.tsx";
import { FormDialog } from "#dashboard/parts/form-dialog.tsx";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import { faultsOf } from "#dashboard/server/failures.ts";

/** Asks whether, and why: the reason goes into the audit log. */
export function ReasonDialog(props: {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly required?: boolean;
  readonly change: { readonly isPending: boolean; readonly error: Error | null };
  readonly onAnswer: (reason: string) => void;
  readonly onCancel: () => void;
}) {
  const { title, text, action, required = false, change, onAnswer, onCancel } = props;
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const fault = missing ? "Say why" : faultsOf(change.error).find(({ path }) => path === "reason")?.message;
  const submit = () => {
    const lacks = required && reason.trim() === "";
    setMissing(lacks);
    if (!lacks) onAnswer(reason.trim());
  };
  return (
    <FormDialog
      title={title}
      text={text}
      action={action}
      isDangerous
      isReady={!change.isPending}
      onSubmit={submit}
      onCancel={onCancel}
    >
      <Field label={required ? "Reason" : "Reason (optional)"} fault={fault}>
        {(input) => <input {...input} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />}
      </Field>
      {!fault && <ProblemNote error={change.error} />}
    </FormDialog>
  );
}
