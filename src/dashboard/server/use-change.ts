import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { NoAnswer } from "./failures.ts";
import { newIdempotencyKey } from "./idempotency-key.ts";

/**
 * Something that is asked of the server once. After no answer the same is asked again under the same key, so it is
 * done once; afterwards everything on the page is read again.
 */
export function useChange<Input, Output>(
  ask: (input: Input, key: string) => Promise<Output>,
  done?: (output: Output) => void,
) {
  const queries = useQueryClient();
  const unanswered = useRef<{ input: string; key: string } | null>(null);
  return useMutation({
    mutationFn: (input: Input) => {
      const text = JSON.stringify([input]);
      if (unanswered.current?.input !== text) unanswered.current = { input: text, key: newIdempotencyKey() };
      return ask(input, unanswered.current.key);
    },
    onSuccess: async (output) => {
      unanswered.current = null;
      done?.(output);
      await queries.invalidateQueries();
    },
    onError: (error) => {
      if (!(error instanceof NoAnswer)) unanswered.current = null;
    },
  });
}
