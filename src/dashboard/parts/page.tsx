import { type ReactNode, useEffect, useRef } from "react";

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
