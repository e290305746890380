/** `50` or `50:xfs`, as it is typed; what is no volume is sent as it is, for the server to say what is wrong. */
export function volumeOf(text: string): unknown {
  const [, size, filesystem] = /^(\d{1,6})(?::(\w+))?$/.exec(text.trim()) ?? [];
  if (size === undefined) return text.trim();
  return { size_gib: Number(size), ...(filesystem !== undefined && { filesystem }) };
}
