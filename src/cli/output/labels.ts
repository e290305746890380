/** `cohort=internal tier=gold`, by their names. */
export const toldLabels = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");
