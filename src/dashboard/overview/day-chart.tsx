import type { StatsDay } from "#api/stats.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { columnsOf, height, roundUpCount } from "./scale.ts";

const legend = [
  ["good", "completed"],
  ["bad", "failed"],
  ["undone", "cancelled"],
] as const;

/** How many provisionings of each day completed, failed and were cancelled. */
export function DayChart({ days }: { readonly days: readonly StatsDay[] }) {
  const top = roundUpCount(Math.max(...days.map((day) => day.completed + day.failed + day.cancelled)));
  const columns = columnsOf(days.length);
  return (
    <ChartFrame
      title="Provisioned per day"
      days={days}
      legend={legend}
      top={top}
      words={(count) => count.toLocaleString()}
      headings={["completed", "failed", "cancelled"]}
      cells={(day) => [day.completed, day.failed, day.cancelled]}
    >
      {days.map((day, index) => (
        <g key={day.day}>
          <title>{`${day.day}: ${day.completed} completed, ${day.failed} failed, ${day.cancelled} cancelled`}</title>
          {stackOf(day, top).map(({ tone, from, to }) => (
            <rect
              key={tone}
              className={tone}
              x={columns.left(index)}
              width={columns.bar}
              y={height - to}
              height={to - from}
            />
          ))}
        </g>
      ))}
    </ChartFrame>
  );
}

function stackOf(day: StatsDay, top: number) {
  let from = 0;
  const parts = [
    ["good", day.completed],
    ["bad", day.failed],
    ["undone", day.cancelled],
  ] as const;
  return parts
    .filter(([, count]) => count > 0)
    .map(([tone, count]) => {
      const part = { tone, from, to: from + (count / top) * height };
      from = part.to;
      return part;
    });
}
