import type { OperationPreview } from "#api/operations.ts";
import { usd } from "#dashboard/parts/usd.ts";

/** What an operation does, costs and cannot undo, as the server knows it now. */
export function OperationEffects({ preview }: { readonly preview: OperationPreview }) {
  const { does, cannot_undo: lost, interruption, monthly_usd: price } = preview;
  return (
    <>
      <ul className={lost.length > 0 ? "doomed" : "doomed calm"} aria-label="What it does">
        {does.map((what) => (
          <li key={what}>{what}</li>
        ))}
        <li>{interruption === null ? "It goes on answering meanwhile" : `It does not answer ${interruption}`}</li>
        {price && (
          <li>
            It costs <b>{usd(price.after)}</b> a month, today {usd(price.before)}
          </li>
        )}
      </ul>
      {lost.map((what) => (
        <p key={what} className="saga-note bad">
          There is no way back: {what}
        </p>
      ))}
    </>
  );
}
