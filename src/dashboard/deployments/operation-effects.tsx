import type { OperationPreview } from "#api/operations.ts";

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

const usd = (amount: number | null): string => (amount === null ? "an unknown price" : `$${amount}`);
