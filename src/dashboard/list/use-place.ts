import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { keepPlace, placeHere } from "./place.ts";
import { ahead } from "./use-list.ts";
import type { Drawn } from "./use-window.ts";

/** Keeps which row is at the top of the window, and brings it back there after Back and a reload. */
export function useListPlace(keys: readonly string[], drawn: Drawn, body: RefObject<HTMLElement | null>): void {
  const wanted = useRef(placeHere());
  const { height } = drawn;

  useLayoutEffect(() => {
    const { key, gap = 0, rows = 0 } = wanted.current ?? {};
    if (key === undefined || !body.current) return;
    const index = keys.indexOf(key);
    // Gone from the list, it leaves its place to what follows.
    const at = index < 0 ? Math.min(rows, keys.length) - 1 : index;
    scrollTo(0, scrollY + body.current.getBoundingClientRect().top + height(0, at) + gap);
    if (index < 0 || body.current.querySelector(`tr[data-key="${CSS.escape(key)}"]`)) wanted.current = undefined;
  });

  // The rows of a new place are drawn after the scroll that brought it: kept is what is there then.
  const moved = useRef(false);
  useEffect(() => {
    if (moved.current && wanted.current?.key === undefined) moved.current = !keepRow(body.current);
  });
  useEffect(() => {
    const scrolled = () => {
      if (wanted.current?.key === undefined) moved.current = !keepRow(body.current);
    };
    addEventListener("scroll", scrolled, { passive: true });
    return () => removeEventListener("scroll", scrolled);
  }, [body]);
}

/** @returns false when the row at the top of the window is not drawn yet */
function keepRow(body: HTMLElement | null): boolean {
  if (!body || body.getBoundingClientRect().top >= 0) {
    keepPlace({ y: scrollY });
    return true;
  }
  for (const row of body.querySelectorAll<HTMLElement>("tr[data-key]")) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom <= 0) continue;
    const { key = "" } = row.dataset;
    keepPlace({ y: scrollY, key, gap: -top, rows: Number(row.getAttribute("aria-rowindex")) + ahead });
    return top <= 0;
  }
  return false;
}
