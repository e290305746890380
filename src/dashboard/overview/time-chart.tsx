import type { StatsDay } from "#api/stats.ts";
import { duration } from "#dashboard/time/format.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { columnsOf, height, roundUp } from "./scale.ts";

const legend = [
  ["busy", "median"],
  ["busy pale", "95th percentile"],
] as const;

const inWords = (seconds: number | null): string => (seconds === null ? "–" : duration(seconds * 1000));

/** How long provisioning took, of what completed. */
export function TimeChart({ days }: { readonly days: readonly StatsDay[] }) {
  const top = roundUp(Math.max(...days.map((day) => day.p95_seconds ?? 0)));
  const columns = columnsOf(days.length);
  const up = (seconds: number) => (seconds / top) * height;
  return (
    <ChartFrame
      title="Provisioning time"
      days={days}
      legend={legend}
      top={top}
      words={(seconds) => (seconds === 0 ? "0" : duration(seconds * 1000))}
      headings={["median", "95th percentile"]}
      cells={(day) => [inWords(day.median_seconds), inWords(day.p95_seconds)]}
    >
      {days.map((day, index) =>
        day.median_seconds === null || day.p95_seconds === null ? null : (
          <g key={day.day}>
            <title>{`${day.day}: median ${inWords(day.median_seconds)}, 95th percentile ${inWords(day.p95_seconds)}`}</title>
            <rect
              className="busy pale"
              x={columns.left(index)}
              width={columns.bar}
              y={height - up(day.p95_seconds)}
              height={up(day.p95_seconds)}
            />
            <rect
              className="busy"
              x={columns.left(index)}
              width={columns.bar}
              y={height - up(day.median_seconds)}
              height={up(day.median_seconds)}
            />
          </g>
        ),
      )}
    </ChartFrame>
  );
}
