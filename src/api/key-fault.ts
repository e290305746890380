import type { z } from "zod";

/** What is wrong with a key of a record is told in the key's own words. */
export const keyFault = {
  error: (issue: z.core.$ZodRawIssue): string | undefined =>
    issue.code === "invalid_key" ? issue.issues[0]?.message : undefined,
};
