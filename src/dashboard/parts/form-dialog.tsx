import type { ReactNode } from "react";
import { Dialog } from "./dialog.tsx";

/** A dialog that asks for something: its fields, the button that sends them, and the way out. */
export function FormDialog(props: {
  readonly title: string;
  /** Above the fields. */
  readonly text?: string;
  /** What the button says that sends it. */
  readonly action: string;
  /** Whether what it does cannot be undone. */
  readonly isDangerous?: boolean;
  /** Whether the button can be pressed. */
  readonly isReady: boolean;
  readonly onSubmit: () => void;
  readonly onCancel: () => void;
  readonly children: ReactNode;
}) {
  const { title, text, action, isDangerous = false, isReady, onSubmit, onCancel, children } = props;
  return (
    <Dialog title={title} onCancel={onCancel}>
      {text !== undefined && <p>{text}</p>}
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        <div className="actions">
          <button type="submit" className={isDangerous ? "danger" : "primary"} disabled={!isReady}>
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
