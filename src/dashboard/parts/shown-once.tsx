import { useState } from "react";

/** A new token: the server keeps only its hash. */
export function ShownOnce({ name, token }: { readonly name: string; readonly token: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(token);
    setCopied(true);
  };
  return (
    <div className="shown-once" role="status">
      <p>
        The token of <b>{name}</b>, shown this once:
      </p>
      <code>{token}</code>
      {/* The clipboard is missing on a page that came over plain http from another machine. */}
      {"clipboard" in navigator && (
        <button type="button" onClick={() => void copy()}>
          {copied ? "Copied" : "Copy"}
        </button>
      )}
    </div>
  );
}
