import type { z } from "zod";
import { faultsOfIssues } from "./faults.ts";

/**
 * Reads a body as far as it is right: the fields that have no fault, and the faults of the others. So what only the
 * database knows about the good fields can be told together with what is wrong with the rest.
 */
export function readPartly<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, body: unknown) {
  const whole = schema.safeParse(body);
  const issues = whole.error?.issues ?? [];
  const wrong = new Set(issues.map((issue) => String(issue.path[0])));
  const right = Object.entries(body ?? {}).filter(([name]) => !wrong.has(name));
  return { fields: schema.partial().strip().parse(Object.fromEntries(right)), faults: faultsOfIssues(issues) };
}
