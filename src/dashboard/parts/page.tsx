import { type ReactNode, useEffect, useRef } from "react";
import { placeHere } from "#dashboard/list/place.ts";

/** The frame of a page. Its heading takes the focus when the page is opened, so that a screen reader begins there. */
export function Page(props: {
  readonly title: string;
  readonly heading?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  const { title, heading = title, actions, children } = props;
  const top = useRef<HTMLHeadingElement>(null);
  useEffect(() => top.current?.focus({ preventScroll: true }), []);
  // A page begins at its top, unless the browser came back to it; a list brings its own row back.
  useEffect(() => {
    const place = placeHere();
    if (place?.key === undefined) scrollTo(0, place?.y ?? 0);
  }, []);
  useEffect(() => {
    document.title = `${title} · Arcadia Cloud`;
  }, [title]);
  return (
    <>
      <header className="page-head">
        <h1 ref={top} tabIndex={-1}>
          {heading}
        </h1>
        {actions && <div className="actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}
