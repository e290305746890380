import { Refused, wordsOf } from "#dashboard/server/failures.ts";
import { Copyable } from "./copyable.tsx";

/** What went wrong, in the server's words, with the id under which its log knows the request. */
export function ProblemNote({ error }: { readonly error: unknown }) {
  if (!error) return null;
  const problem = error instanceof Refused ? error.problem : undefined;
  return (
    <div className="problem" role="alert">
      <p>
        {problem && <strong>{problem.title}. </strong>}
        {wordsOf(error)}
      </p>
      {problem?.request_id && (
        <p className="detail">
          request <Copyable text={problem.request_id} what="the request's id" />
        </p>
      )}
    </div>
  );
}
