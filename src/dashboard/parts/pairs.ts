/** Of lines of `NAME=value`; those that are empty say nothing. */
export const pairsOf = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines
      .map((line) => line.trim())
      .filter(Boolean)
      .map(pairOf),
  );

function pairOf(line: string): [string, string] {
  const at = line.indexOf("=");
  return at === -1 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1)];
}

/** As labels are typed, and read again by `labelsIn`: `cohort=internal, tier=gold`. */
export const toldLabels = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join(", ");

export const labelsIn = (text: string): Record<string, string> => pairsOf(text.split(","));

/** What is typed to change variables: a line with `=` sets one, a name alone removes it. */
export const variableChangesIn = (text: string): Record<string, string | null> =>
  Object.fromEntries(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean)
      .map((line) => (line.includes("=") ? pairOf(line) : [line, null])),
  );

/**
 * `cohort=internal`, as it is typed into a filter, as the API takes it; several with commas. Undefined while it is not
 * finished: half of one finds nothing.
 */
export function labelFilterOf(text: string): string | undefined {
  const wanted = text
    .split(",")
    .map((it) => it.trim().replace("=", ":"))
    .filter(Boolean);
  return wanted.every((it) => /^[^:]+:[^:]+$/.test(it)) ? wanted.join(",") : undefined;
}
