import { type ReactNode, useEffect, useId, useRef, useState } from "react";

/** A modal dialog: the browser keeps the focus in it, Escape leaves it, and the focus goes back to where it was. */
export function Dialog(props: { readonly title: string; readonly onCancel: () => void; readonly children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  // Asked for while drawing: afterwards the field within has the focus already.
  const [opener] = useState(() => document.activeElement);
  useEffect(() => {
    const { current } = dialog;
    if (current && !current.open) current.showModal();
    return () => {
      current?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, [opener]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={title}
      onCancel={(event) => {
        event.preventDefault();
        props.onCancel();
      }}
    >
      <h2 id={title}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}
