import type { ReactNode } from "react";
import type { StatsDay } from "#api/stats.ts";
import { columnsOf, height, width } from "./scale.ts";

/** A chart over days: title, legend, axis, and the same numbers as a table for those who do not see it. */
export function ChartFrame(props: {
  readonly title: string;
  readonly days: readonly StatsDay[];
  readonly legend: readonly (readonly [tone: string, text: string])[];
  /** The value at the top line, and how one is written. */
  readonly top: number;
  readonly words: (value: number) => string;
  readonly headings: readonly string[];
  readonly cells: (day: StatsDay) => readonly (string | number)[];
  readonly children: ReactNode;
}) {
  const { title, days, legend, top, words, headings, cells, children } = props;
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
      <div className="plot" aria-hidden="true">
        <div className="ticks">
          {[top, top / 2, 0].map((value) => (
            <span key={value}>{words(value)}</span>
          ))}
        </div>
        {/* Stretched to the room there is; its text stands beside it, since it would be stretched too. */}
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none">
          <line className="grid" x1="0" x2={width} y1="0.5" y2="0.5" />
          <line className="grid" x1="0" x2={width} y1={height / 2} y2={height / 2} />
          {children}
          <line className="axis" x1="0" x2={width} y1={height} y2={height} />
        </svg>
        <div className="days">
          {days.map((day, index) =>
            (days.length - 1 - index) % 7 === 0 ? (
              <span key={day.day} style={{ left: `${(columns.middle(index) / width) * 100}%` }}>
                {dayWords(day.day)}
              </span>
            ) : null,
          )}
        </div>
      </div>
      {/* A table does not clip itself: what is not drawn would still make the page longer. */}
      <div className="unseen">
        <table>
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
      </div>
    </figure>
  );
}

const dayWords = (day: string): string =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString(undefined, { month: "short", day: "numeric", timeZone: "UTC" });
