import { useTools } from "#dashboard/app/tools.ts";
import { ago, countdown, duration, fullTime } from "#dashboard/time/format.ts";
import { useNow } from "#dashboard/time/use-now.ts";

/** How long ago, with the full time for who points at it. */
export function Ago({ at }: { readonly at: string | null }) {
  const { clock } = useTools();
  useNow(10_000);
  if (at === null) return <span className="faint">–</span>;
  const date = new Date(at);
  return (
    <time dateTime={at} title={fullTime(date)}>
      {ago(date, clock.now())}
    </time>
  );
}

/** How long it is until then, counting down, with the time itself for who points at it. */
export function Remaining({ until }: { readonly until: string }) {
  const { clock } = useTools();
  useNow(1000);
  const date = new Date(until);
  const left = date.getTime() - clock.now().getTime();
  return (
    <time dateTime={until} title={fullTime(date)} className="counting">
      {left > 0 ? `in ${countdown(left)}` : "now"}
    </time>
  );
}

/** From one time to another; counting while the second is still to come. */
export function Lasting({ from, to }: { readonly from: string; readonly to: string | null }) {
  return to === null ? <Counting from={from} /> : <>{duration(Date.parse(to) - Date.parse(from))}</>;
}

function Counting({ from }: { readonly from: string }) {
  const { clock } = useTools();
  useNow(200);
  return <span className="counting">{duration(clock.now().getTime() - Date.parse(from))}</span>;
}
