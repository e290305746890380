import { z } from "zod";
import { keyFault } from "./key-fault.ts";

const key = /^[a-z0-9](?:[a-z0-9._/-]{0,61}[a-z0-9])?$/;
const value = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const mostLabels = 50;

const labelKey = z
  .string()
  .regex(key, "must be 1 to 63 lower-case letters, digits, dots, slashes, hyphens and underscores");
const labelValue = z.string().regex(value, "must be 1 to 63 letters, digits, dots, hyphens and underscores");

/** What a fleet is sorted by: `{"cohort": "internal"}`. A change replaces all of them. */
export const labels = z
  .record(labelKey, labelValue, keyFault)
  .refine((it) => Object.keys(it).length <= mostLabels, `must be at most ${mostLabels}`)
  .meta({ id: "Labels" });
export type Labels = z.infer<typeof labels>;

/** `label=cohort:internal`; several with commas, all of which have to be there. */
export const labelFilter = z
  .string()
  .max(1000)
  .transform((list, context) => {
    const wanted: Record<string, string> = {};
    for (const one of list.split(",")) {
      const colon = one.indexOf(":");
      const [name, its] = [one.slice(0, Math.max(colon, 0)), one.slice(colon + 1)];
      if (!key.test(name) || !value.test(its))
        context.addIssue({ code: "custom", message: "must be key:value, several with commas" });
      wanted[name] = its;
    }
    return wanted;
  });
