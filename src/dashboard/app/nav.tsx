import { useEffect, useRef } from "react";
import { Mark } from "#dashboard/parts/mark.tsx";
import { useMay } from "#dashboard/session/self.tsx";
import { BudgetMeter } from "./budget-meter.tsx";
import { hrefOf } from "./route.ts";
import { WhoAmI } from "./who-am-i.tsx";

export function Nav({ section }: { readonly section: string }) {
  const { seeAll, administer, administerAll } = useMay();
  const pages = [
    ["overview", "Overview", true],
    ["deployments", "Deployments", true],
    ["releases", "Releases", true],
    ["sagas", "Sagas", true],
    ["inventory", "Inventory", true],
    ["orphans", "Orphans", seeAll],
    ["tenants", "Tenants", true],
    ["tokens", "Tokens", administerAll],
    ["webhooks", "Webhooks", administer],
    ["audit", "Audit", true],
  ] as const;
  const tabs = useRef<HTMLElement>(null);
  // On a narrow screen the tabs are wider than it.
  useEffect(() => {
    const show = () => {
      const current = tabs.current?.querySelector<HTMLElement>("[aria-current]");
      if (!tabs.current || !current) return;
      const shift = current.getBoundingClientRect().left - tabs.current.getBoundingClientRect().left;
      tabs.current.scrollLeft += shift - tabs.current.clientWidth / 3;
    };
    show();
    addEventListener("resize", show);
    return () => removeEventListener("resize", show);
  }, [section]);
  return (
    <aside className="side">
      <a className="home" href="#/" aria-label="Arcadia Cloud, overview">
        <Mark />
      </a>
      <nav aria-label="Pages" ref={tabs}>
        <ul>
          {pages
            .filter(([, , shown]) => shown)
            .map(([name, text]) => (
              <li key={name}>
                <a
                  href={name === "overview" ? "#/" : hrefOf([name])}
                  aria-current={section === name ? "page" : undefined}
                >
                  {text}
                </a>
              </li>
            ))}
        </ul>
      </nav>
      <div className="side-end">
        {seeAll && <BudgetMeter />}
        <WhoAmI />
      </div>
    </aside>
  );
}
