import { type RefObject, useLayoutEffect, useMemo, useRef, useState } from "react";

/** In pixels. So much more than the window is drawn; the window's place is followed in steps. */
const margin = 600;
const stepSize = 200;
const firstGuess = 58;

export interface Drawn {
  /** The indexes that are drawn, ascending. */
  readonly indexes: readonly number[];
  readonly first: number;
  readonly last: number;
  /** How high the rows from one index to another are, the second not counted; as measured, or guessed. */
  readonly height: (from: number, to: number) => number;
}

/**
 * Which rows of a long table are drawn while the whole page scrolls: those near the window, and the one that holds the
 * focus. Rows may differ in height; what was never drawn is guessed.
 * @param keys of all rows
 * @param body the table's body
 */
export function useWindow(keys: readonly string[], body: RefObject<HTMLElement | null>): Drawn {
  const heights = useRef({ width: 0, byKey: new Map<string, number>() });
  const [top, setTop] = useState(0);
  const [measured, setMeasured] = useState(0);
  const [focused, setFocused] = useState<string | null>(null);
  const offsets = useMemo(() => offsetsOf(keys, heights.current.byKey), [keys, measured]);

  useLayoutEffect(() => {
    const follow = () => {
      if (body.current) setTop(Math.floor(-body.current.getBoundingClientRect().top / stepSize) * stepSize);
    };
    const focus = () => {
      const row = document.activeElement?.closest<HTMLElement>("tr[data-key]");
      setFocused(row && body.current?.contains(row) ? (row.dataset["key"] ?? null) : null);
    };
    follow();
    addEventListener("scroll", follow, { passive: true });
    addEventListener("resize", follow);
    document.addEventListener("focusin", focus);
    return () => {
      removeEventListener("scroll", follow);
      removeEventListener("resize", follow);
      document.removeEventListener("focusin", focus);
    };
  }, [body]);

  useLayoutEffect(() => {
    if (!body.current) return;
    const { byKey } = heights.current;
    // Another width breaks the lines elsewhere.
    if (heights.current.width !== innerWidth) byKey.clear();
    heights.current.width = innerWidth;
    let changed = false;
    for (const row of body.current.querySelectorAll<HTMLElement>("tr[data-key]")) {
      const key = row.dataset["key"] ?? "";
      const { height } = row.getBoundingClientRect();
      if (Math.abs((byKey.get(key) ?? 0) - height) > 0.5) {
        byKey.set(key, height);
        changed = true;
      }
    }
    if (changed) setMeasured((times) => times + 1);
  });

  const first = indexAt(offsets, top - margin);
  const last = Math.min(keys.length - 1, indexAt(offsets, top + innerHeight + margin + stepSize));
  const kept = focused === null ? -1 : keys.indexOf(focused);
  const near = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  const indexes = kept < 0 || (kept >= first && kept <= last) ? near : [...near, kept].toSorted((a, b) => a - b);
  const height = (from: number, to: number) => (offsets[to] ?? 0) - (offsets[from] ?? 0);
  return { indexes, first, last, height };
}

/** Where each row begins, and where the last ends. */
function offsetsOf(keys: readonly string[], heights: ReadonlyMap<string, number>): Float64Array {
  const sum = [...heights.values()].reduce((total, height) => total + height, 0);
  const guess = heights.size === 0 ? firstGuess : sum / heights.size;
  const offsets = new Float64Array(keys.length + 1);
  for (const [index, key] of keys.entries()) offsets[index + 1] = (offsets[index] ?? 0) + (heights.get(key) ?? guess);
  return offsets;
}

/** The row at a height. */
function indexAt(offsets: Float64Array, y: number): number {
  let [low, high] = [0, Math.max(0, offsets.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}
