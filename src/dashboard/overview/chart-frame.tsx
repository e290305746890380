import type { ReactNode } from "react";
import type { StatsDay } from "#api/stats.ts";
import { columnsOf, height, width } from "./scale.ts";

/** A chart over days: title, legend, axis, and the same numbers as a table for those who do not see it. */
export function ChartFrame(props: {
  readonly title: string;
  readonly days: readonly StatsDay[];
  readonly legend: readonly (readonly [tone: string, text: string])[];
  /** The value at the top line, in words. */
  readonly top: string;
  readonly headings: readonly string[];
  readonly cells: (day: StatsDay) => readonly (string | number)[];
  readonly children: ReactNode;
}) {
  const { title, days, legend, top, headings, cells, children } = props;
  const columns = columnsOf(days.length);
  return (
    <figure className="card chart">
      <figcaption className="card-head">
        <h2>{title}</h2>
        <span className="legend">
          {legend.map(([tone, text]) => (
            <span key={text}>
              <i className={tone} />
              {text}
            </span>
          ))}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height + 18}`} aria-hidden="true">
        <line className="grid" x1="0" x2={width} y1="0.5" y2="0.5" />
        <line className="grid" x1="0" x2={width} y1={height / 2} y2={height / 2} />
        <line className="axis" x1="0" x2={width} y1={height} y2={height} />
        <text x="0" y="11">
          {top}
        </text>
        {children}
        {days.map((day, index) =>
          (days.length - 1 - index) % 7 === 0 ? (
            <text key={day.day} x={Math.min(columns.middle(index), width - 14)} y={height + 14} textAnchor="middle">
              {day.day.slice(5)}
            </text>
          ) : null,
        )}
      </svg>
      <table className="unseen">
        <caption>{title}, per day (UTC)</caption>
        <thead>
          <tr>
            <th>Day</th>
            {headings.map((heading) => (
              <th key={heading}>{heading}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.map((day) => (
            <tr key={day.day}>
              <th scope="row">{day.day}</th>
              {cells(day).map((cell, index) => (
                <td key={headings[index]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
