import { Fragment, type ReactNode, useEffect, useRef } from "react";
import { ProblemNote } from "#dashboard/parts/problem.tsx";
import type { Listed } from "./use-list.ts";
import { useListPlace } from "./use-place.ts";
import { useWindow } from "./use-window.ts";

export interface Column<Item> {
  /** Said of each cell too where the table is drawn as cards. */
  readonly title: string;
  readonly cell: (item: Item) => ReactNode;
  /** Its heading is read aloud only. */
  readonly unseenTitle?: boolean;
  readonly className?: string;
}

interface Props<Item> {
  readonly label: string;
  readonly list: Listed<Item>;
  /** The first names the row. */
  readonly columns: readonly Column<Item>[];
  /** Drawn when the list is empty. */
  readonly empty: ReactNode;
  readonly rowClass?: (item: Item) => string | undefined;
  /** What a test or a style finds the row by. */
  readonly data?: (item: Item) => Readonly<Record<`data-${string}`, string | boolean>>;
}

/** A list as a table that goes on as it is scrolled; of many thousand rows only those near the window are drawn. */
export function List<Item>(props: Props<Item>) {
  const { items, error } = props.list;
  if (!items)
    return error ? (
      <ProblemNote error={error} />
    ) : (
      <p className="waiting" role="status">
        Reading…
      </p>
    );
  if (items.length === 0) return <div className="empty">{props.empty}</div>;
  return <Table {...props} items={items} />;
}

function Table<Item>(props: Props<Item> & { readonly items: readonly Item[] }) {
  const { label, columns, items, rowClass, data } = props;
  const { keyOf, look, complete, stale, filterKey } = props.list;
  const body = useRef<HTMLTableSectionElement>(null);
  const keys = items.map(keyOf);
  const drawn = useWindow(keys, body);
  useListPlace(keys, drawn, body);
  const { indexes, first, last, height } = drawn;
  useEffect(() => look(first, last + 1), [look, first, last]);
  // Other filters are another list, which begins at its top.
  const shown = useRef(filterKey);
  useEffect(() => {
    if (shown.current !== filterKey) scrollTo(0, 0);
    shown.current = filterKey;
  }, [filterKey]);
  const spacer = (from: number, to: number) =>
    to > from && (
      <tr aria-hidden="true" className="spacer">
        <td colSpan={columns.length} style={{ height: height(from, to) }} />
      </tr>
    );
  return (
    <div>
      <div className="table-frame" role="region" aria-label={`${label}, table`} tabIndex={0} aria-busy={stale}>
        <table aria-label={label} aria-rowcount={complete ? items.length + 1 : -1}>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map(({ title, unseenTitle = false }) => (
                <th key={title} scope="col">
                  {unseenTitle ? <span className="unseen">{title}</span> : title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {indexes.map((index, nth) => {
              const item = items[index];
              if (item === undefined) return null;
              return (
                <Fragment key={keys[index]}>
                  {spacer((indexes[nth - 1] ?? -1) + 1, index)}
                  <tr data-key={keys[index]} aria-rowindex={index + 2} className={rowClass?.(item)} {...data?.(item)}>
                    <Cells item={item} columns={columns} />
                  </tr>
                </Fragment>
              );
            })}
            {spacer((indexes.at(-1) ?? -1) + 1, items.length)}
          </tbody>
        </table>
      </div>
      <p className="list-end" role="status">
        {complete
          ? `${items.length.toLocaleString()} in all`
          : `More than ${items.length.toLocaleString()}: go on down`}
      </p>
    </div>
  );
}

function Cells<Item>({ item, columns }: { readonly item: Item; readonly columns: readonly Column<Item>[] }) {
  return columns.map(({ title, cell, className }, index) =>
    index === 0 ? (
      <th key={title} scope="row" className={className}>
        {cell(item)}
      </th>
    ) : (
      <td key={title} data-title={title} className={className}>
        {cell(item)}
      </td>
    ),
  );
}
