import type { Condition, Deployment } from "#api/deployments.ts";
import { Badge } from "#dashboard/parts/badge.tsx";
import { Ago } from "#dashboard/parts/time.tsx";

/** What is true of a deployment that should not be, and what can be done about it. */
export function Conditions({ conditions }: Pick<Deployment, "conditions">) {
  if (conditions.length === 0) return null;
  return (
    <ul className="conditions" aria-label="Conditions">
      {conditions.map((it) => (
        <li key={`${it.code} ${it.message}`} className="saga-note bad" data-condition={it.code}>
          <Badge status={it.code} /> <span className="faint">since</span> <Ago at={it.since} />
          <p>{it.message}.</p>
          <p>{it.remedy}.</p>
        </li>
      ))}
    </ul>
  );
}

/** In a row of a list: a badge for each, with the whole of it at hand. */
export function ConditionBadges({ conditions }: Pick<Deployment, "conditions">) {
  const codes = new Map(conditions.map((it): [string, Condition] => [it.code, it]));
  return (
    <>
      {[...codes.values()].map(({ code, message }) => (
        <span key={code} title={message}>
          {" "}
          <Badge status={code} />
        </span>
      ))}
    </>
  );
}
