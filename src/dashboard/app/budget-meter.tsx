import { useProvider } from "./use-provider.ts";

/** How many requests the provider still takes in this minute and hour. */
export function BudgetMeter() {
  const provider = useProvider();
  if (!provider) return null;
  const { minute, hour, blocked_until: blocked } = provider.budget;
  return (
    <section className="budget" aria-label="Request budget">
      <h2>Request budget</h2>
      <Meter label="minute" {...minute} />
      <Meter label="hour" {...hour} />
      {blocked && Date.parse(blocked) > Date.parse(provider.checked_at ?? blocked) && (
        <p className="faint">The provider asked to wait until {new Date(blocked).toLocaleTimeString()}</p>
      )}
    </section>
  );
}

function Meter({ label, limit, left }: { readonly label: string; readonly limit: number; readonly left: number }) {
  const text = `${left.toLocaleString()} of ${limit.toLocaleString()} requests left this ${label}`;
  return (
    <div className="meter" title={text}>
      <span>
        {label} <b>{left.toLocaleString()}</b>
      </span>
      <meter min={0} max={limit} low={limit * 0.15} optimum={limit} value={left} aria-label={text} />
    </div>
  );
}
