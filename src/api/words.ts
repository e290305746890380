import { z } from "zod";

/** What each type is called. */
const called: Readonly<Record<string, string>> = {
  string: "text",
  int: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

/** What each format is called; a pattern of ours has words of its own. */
const formats: Readonly<Record<string, string>> = {
  datetime: "a time in UTC, such as 2026-11-28T12:00:00Z",
  uuid: "an id: a UUID",
};

const sizeOf = (origin: string, limit: number | bigint): string => {
  if (origin === "string") return `${limit} ${limit === 1 ? "character" : "characters"} long`;
  return origin === "array" ? `${limit} long` : `${limit}`;
};

/** What is wrong with a value, in words that go on after its name. Undefined: zod's own. */
function words(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is needed" : `must be ${called[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`;
    case "too_small":
      if (issue.origin === "string" && issue.minimum === 1) return "must not be empty";
      return `must be at least ${sizeOf(issue.origin, issue.minimum)}`;
    case "too_big":
      return `must be at most ${sizeOf(issue.origin, issue.maximum)}`;
    case "invalid_format":
      return `must be ${formats[issue.format] ?? `of the format ${issue.format}`}`;
    case "unrecognized_keys":
      return undefined;
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_union":
    case "invalid_key":
    case "invalid_element":
    case "custom":
      return "is not valid";
  }
}

/** Has zod speak so, wherever no schema has words of its own. */
export const speakPlainly = (): void => void z.config({ customError: words });
