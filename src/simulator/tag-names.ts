/** Tags may contain letters, numbers, colons, dashes and underscores, and at most 255 of them. */
export const isTagName = (name: unknown): name is string =>
  typeof name === "string" && /^[a-zA-Z0-9_\-:]{1,255}$/.test(name);
