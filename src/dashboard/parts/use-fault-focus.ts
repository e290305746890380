import { type RefObject, useEffect } from "react";
import type { Fault } from "#api/problem.ts";

/** What is wrong at a field, or within it. Of one that is empty there is only one thing to say. */
export function faultAt(faults: readonly Fault[], field: string, value: unknown): string | undefined {
  const fault = faults.find(({ path }) => path === field || path.startsWith(`${field}.`));
  return fault && value === "" ? "This is needed" : fault?.message;
}

/** After a refusal the focus goes to the first field that is wrong. */
export function useFaultFocus(form: RefObject<HTMLFormElement | null>, error: unknown): void {
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form, error]);
}
