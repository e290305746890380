import type { Chore } from "#engine/queue.ts";
import type { Scheduler } from "./scheduler.ts";

const minuteMs = 60_000;
/** A chore whose worker died runs again after this, as the real queue has it. */
const expiresMs = 600_000;

/** Chores by their cron lines, on virtual time; each is done by one worker. */
export interface Schedule {
  set(chores: ReadonlyMap<string, string>): void;
  request(name: string): void;
  take(): Chore | undefined;
  complete(id: string): void;
  putOff(id: string, name: string, until: number): void;
}

interface Due extends Chore {
  takenAt: number | undefined;
  readonly from: number;
}

export function createSchedule(scheduler: Pick<Scheduler, "now">): Schedule {
  let lines: ReadonlyMap<string, string> = new Map();
  let seen = Math.floor(scheduler.now() / minuteMs);
  let due: Due[] = [];
  let made = 0;

  const request = (name: string, from = scheduler.now()): void => {
    if (!due.some((chore) => chore.name === name && chore.takenAt === undefined))
      due.push({ id: `chore-${made++}`, name, takenAt: undefined, from });
  };

  const complete = (id: string): void => {
    due = due.filter((chore) => chore.id !== id);
  };

  const catchUp = (): void => {
    const minute = Math.floor(scheduler.now() / minuteMs);
    for (; seen < minute; seen += 1) for (const [name, line] of lines) if (isDue(line, (seen + 1) % 60)) request(name);
    due = due.filter(({ takenAt }) => takenAt === undefined || takenAt + expiresMs > scheduler.now());
  };

  return {
    set(chores) {
      lines = chores;
    },
    request,
    take() {
      catchUp();
      const next = due.find((chore) => chore.takenAt === undefined && chore.from <= scheduler.now());
      if (next) next.takenAt = scheduler.now();
      return next && { id: next.id, name: next.name };
    },
    complete,
    putOff(id, name, until) {
      request(name, until);
      complete(id);
    },
  };
}

/** Of a cron line, only the minute is looked at: the product's lines are of every hour. */
function isDue(line: string, minute: number): boolean {
  const [field = "*"] = line.split(" ");
  if (field === "*") return true;
  return field.startsWith("*/") ? minute % Number(field.slice(2)) === 0 : minute === Number(field);
}
