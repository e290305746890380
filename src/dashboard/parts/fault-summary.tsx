import { Refused } from "#dashboard/server/failures.ts";
import { ProblemNote } from "./problem.tsx";

/** What is wrong with a form beside what its fields say themselves. */
export function FaultSummary({ error, shown }: { readonly error: unknown; readonly shown: readonly string[] }) {
  if (!error) return null;
  const faults = error instanceof Refused ? (error.problem?.errors ?? []) : [];
  if (faults.length === 0) return <ProblemNote error={error} />;
  const others = faults.filter(({ path }) => !shown.some((field) => path === field || path.startsWith(`${field}.`)));
  return (
    <div className="problem" role="alert">
      <p>Nothing was done. {faults.length - others.length > 0 && "The fields below say what is wrong."}</p>
      {others.map(({ path, message }) => (
        <p key={path}>
          {path}: {message}
        </p>
      ))}
    </div>
  );
}
