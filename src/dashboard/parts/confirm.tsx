import { type ReactNode, type SubmitEvent, useState } from "react";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { ProblemNote } from "./problem.tsx";

/** Asks for a word to be typed before something that cannot be undone. */
export function Confirm(props: {
  readonly title: string;
  readonly word: string;
  /** What the word is: "hostname". */
  readonly what: string;
  readonly action: string;
  readonly change: { readonly isPending: boolean; readonly error: Error | null };
  /** False while what it is about is not shown yet. */
  readonly ready?: boolean;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
  readonly children: ReactNode;
}) {
  const { title, word, what, action, change, ready = true, onConfirm, onCancel, children } = props;
  const [typed, setTyped] = useState("");
  const matches = ready && typed.trim() === word;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (matches) onConfirm();
  };
  return (
    <Dialog title={title} onCancel={onCancel}>
      {children}
      <form onSubmit={submit} className="stack" noValidate>
        <Field label={`Type the ${what} to go on`} hint={<code>{word}</code>}>
          {(input) => (
            <input
              {...input}
              autoFocus
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <ProblemNote error={change.error} />
        <div className="actions">
          <button type="submit" className="danger" disabled={!matches || change.isPending}>
            {action}
          </button>
          <button type="button" onClick={onCancel}>
            Keep it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
