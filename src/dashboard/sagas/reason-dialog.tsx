import { type SubmitEvent, useState } from "react";
import { Dialog } from "#dashboard/parts/dialog.tsx";
import { Field } from "#dashboard/parts/field.tsx";
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
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const lacks = required && reason.trim() === "";
    setMissing(lacks);
    if (!lacks) onAnswer(reason.trim());
  };
  return (
    <Dialog title={title} onCancel={onCancel}>
      <p>{text}</p>
      <form onSubmit={submit} className="stack" noValidate>
        <Field label={required ? "Reason" : "Reason (optional)"} fault={fault}>
          {(input) => <input {...input} autoFocus value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        {!fault && <ProblemNote error={change.error} />}
        <div className="actions">
          <button type="submit" className="danger" disabled={change.isPending}>
            {action}
          </button>
          <button type="button" onClick={onCancel}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
