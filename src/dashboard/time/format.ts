const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** `340 ms`, `4.2 s`, `3 m 05 s`, `2 h 10 m`: as exact as a reader needs. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < minute) return `${whole} s`;
  if (whole < hour) return `${Math.floor(whole / minute)} m ${two(whole % minute)} s`;
  if (whole < day) return `${Math.floor(whole / hour)} h ${two(Math.floor((whole % hour) / minute))} m`;
  return `${Math.floor(whole / day)} d ${Math.floor((whole % day) / hour)} h`;
}

/** Of a time that is still to come, in whole seconds: `42 s`, `3 m 05 s`. */
export function countdown(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < minute ? `${seconds} s` : duration(seconds * 1000);
}

/** `12 s ago`, `3 h ago`; `in 5 m` for what is to come. */
export function ago(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  const size = Math.abs(seconds);
  if (size < 2) return "now";
  const text = coarse(size);
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

function coarse(seconds: number): string {
  if (seconds < minute) return `${seconds} s`;
  if (seconds < hour) return `${Math.floor(seconds / minute)} m`;
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)} h`;
  return `${Math.floor(seconds / day)} d`;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** The time of day with milliseconds, for events that follow each other fast. */
export const clockTime = (at: Date): string =>
  `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;

export const fullTime = (at: Date): string =>
  at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
