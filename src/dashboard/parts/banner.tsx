import type { ReactNode } from "react";

/** What needs a human, above every page: one line, however narrow the screen; more of it is opened. */
export function Banner(props: {
  readonly tone: "bad" | "simulated";
  readonly title: ReactNode;
  readonly children?: ReactNode;
}) {
  const { tone, title, children } = props;
  if (!children)
    return (
      <p className={`banner ${tone}`}>
        <span className="banner-title">{title}</span>
      </p>
    );
  return (
    <details className={`banner ${tone}`}>
      <summary>
        <span className="banner-title">{title}</span> <span className="banner-more">More</span>
      </summary>
      <p>{children}</p>
    </details>
  );
}
