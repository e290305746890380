import type { ReactNode } from "react";
import { ProblemNote } from "./problem.tsx";
import type { Pages } from "./use-pages.ts";

/** A page of a list as a table, with its turning. */
export function List<Item>(props: {
  readonly label: string;
  readonly pages: Pages<Item>;
  readonly columns: readonly string[];
  /** Drawn when the list is empty. */
  readonly empty: ReactNode;
  readonly row: (item: Item) => ReactNode;
}) {
  const { label, pages, columns, empty, row } = props;
  const { items, error, number, next, previous } = pages;
  if (!items)
    return error ? (
      <ProblemNote error={error} />
    ) : (
      <p className="waiting" role="status">
        Reading…
      </p>
    );
  if (items.length === 0 && number === 1) return <div className="empty">{empty}</div>;
  return (
    <>
      <div className="table-frame">
        <table aria-label={label}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{items.map(row)}</tbody>
        </table>
      </div>
      {(next ?? previous) && (
        <nav className="pager" aria-label={`Pages of ${label}`}>
          <button type="button" onClick={previous} disabled={!previous}>
            Newer
          </button>
          <span>Page {number}</span>
          <button type="button" onClick={next} disabled={!next}>
            Older
          </button>
        </nav>
      )}
    </>
  );
}
