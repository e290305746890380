import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { useTools } from "#dashboard/app/tools.ts";
import { Field } from "#dashboard/parts/field.tsx";
import { Refused, wordsOf } from "#dashboard/server/failures.ts";

/** Asks for a token and begins a session with it, once the server says whose it is. */
export function TokenForm() {
  const { server, session } = useTools();
  const queries = useQueryClient();
  const [token, setToken] = useState("");
  const [fault, setFault] = useState<string | undefined>();
  const [asking, setAsking] = useState(false);

  const signIn = async () => {
    setAsking(true);
    try {
      const self = await server.whoIs(token.trim());
      queries.setQueryData(["self"], self);
      session.begin(token.trim());
      // Another token sees other things: nothing that was read before may show. What was typed is not touched.
      queries.removeQueries({ type: "inactive" });
      await queries.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== "self" });
    } catch (error) {
      setFault(error instanceof Refused ? (error.problem?.title ?? wordsOf(error)) : wordsOf(error));
    } finally {
      setAsking(false);
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (token.trim() === "") setFault("Paste a token");
    else void signIn();
  };
  return (
    <form onSubmit={submit} className="stack" noValidate>
      <Field
        label="Token"
        fault={fault}
        hint="The first start wrote an admin token to the file admin-token in its data directory"
      >
        {(input) => (
          <input
            {...input}
            type="password"
            autoComplete="off"
            spellCheck={false}
            autoFocus
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        )}
      </Field>
      <button type="submit" className="primary" disabled={asking}>
        {asking ? "Asking…" : "Sign in"}
      </button>
    </form>
  );
}
