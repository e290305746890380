import { useState } from "react";

/** The clipboard is missing on a page that came over plain http from another machine. */
const canCopy = "clipboard" in navigator;

/** Something to hand on, such as an id, with a button that copies it. `what` names it for a screen reader. */
export function Copyable({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <span className="copyable">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}

function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [copied, setCopied] = useState(false);
  if (!canCopy) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <button
      type="button"
      className="copy"
      aria-label={`Copy ${what}`}
      title={copied ? "Copied" : `Copy ${what}`}
      onClick={() => void copy()}
      onBlur={() => setCopied(false)}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {copied ? <path d="m3.5 8.5 3 3 6-7" /> : <path d="M6 5.5h7v8H6zM10 5.5v-3H3v8h3" />}
      </svg>
      <span className="unseen" role="status">
        {copied && "Copied"}
      </span>
    </button>
  );
}
