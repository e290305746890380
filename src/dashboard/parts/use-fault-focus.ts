import { type RefObject, useEffect } from "react";
import type { Fault } from "#api/problem.ts";

/** What is wrong at a field, or within it. */
export const faultAt = (faults: readonly Fault[], field: string): string | undefined =>
  faults.find(({ path }) => path === field || path.startsWith(`${field}.`))?.message;

/** After a refusal the focus goes to the first field that is wrong. */
export function useFaultFocus(form: RefObject<HTMLFormElement | null>, error: unknown): void {
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form, error]);
}
