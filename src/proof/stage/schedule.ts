import type { Chore } from "#engine/chores.ts";
import type { Scheduler } from "./scheduler.ts";

const minuteMs = 60_000;

/** Chores by their cron lines, on virtual time; each is done by one worker. */
export interface Schedule {
  set(chores: ReadonlyMap<string, string>): void;
  request(name: string): void;
  /** When the next is due, or may be: there is one every minute. */
  nextAt(): number;
  take(): Chore[];
  putOff(name: string, until: number): void;
}

export function createSchedule(scheduler: Pick<Scheduler, "now">): Schedule {
  let lines: ReadonlyMap<string, string> = new Map();
  let seen = Math.floor(scheduler.now() / minuteMs);
  /** By name, from when on. */
  const due = new Map<string, number>();
  let begun = 0;

  const request = (name: string): void => void due.set(name, due.get(name) ?? scheduler.now());

  const catchUp = (): void => {
    const minute = Math.floor(scheduler.now() / minuteMs);
    for (; seen < minute; seen += 1) for (const [name, line] of lines) if (isDue(line, (seen + 1) % 60)) request(name);
  };

  return {
    set(chores) {
      lines = chores;
    },
    request,
    nextAt: () => Math.min((seen + 1) * minuteMs, ...due.values()),
    take() {
      catchUp();
      const names = [...due].filter(([, from]) => from <= scheduler.now()).map(([name]) => name);
      for (const name of names) due.delete(name);
      return names.map((name) => ({ name, begun: ++begun, asked: false }));
    },
    putOff: (name, until) => void due.set(name, Math.max(due.get(name) ?? until, until)),
  };
}

/** Of a cron line, only the minute is looked at: the product's lines are of every hour. */
function isDue(line: string, minute: number): boolean {
  const [field = "*"] = line.split(" ");
  if (field === "*") return true;
  return field.startsWith("*/") ? minute % Number(field.slice(2)) === 0 : minute === Number(field);
}
