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

/** `42s`, `7m 05s`, `2h 10m`: of what is still to come. */
export function countdown(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
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
