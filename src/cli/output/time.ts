const units = [
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

/** `42s`, `3m`, `2h`, `5d`: the largest unit that fits. */
export function shortTime(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [name, length] = units.find(([, each]) => whole >= each) ?? (["s", 1] as const);
  return `${Math.floor(whole / length)}${name}`;
}

/** `3m ago` or `in 2h`; nothing for no time. */
export function relative(timestamp: string | null, now: Date): string | null {
  if (timestamp === null) return null;
  const seconds = (now.getTime() - Date.parse(timestamp)) / 1000;
  return seconds >= 0 ? `${shortTime(seconds)} ago` : `in ${shortTime(-seconds)}`;
}

/** `0.4 s`, `12.3 s`, `2 min 5 s`. */
export function duration(from: string, to: string): string {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
