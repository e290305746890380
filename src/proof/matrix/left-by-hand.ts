import { z } from "zod";
import type { Db } from "#db/connection.ts";
import type { Stage } from "../stage/stage.ts";
import { seenTo } from "./endings.ts";
import type { Trial } from "./trial.ts";

/** What a look comes to before another begins. */
const lookMs = 60_000;

/**
 * An operator's word that it was done by hand is believed where nothing but that can be known of it; what is wrong with
 * it is told then, and not mended. @returns what is broken besides
 */
export async function unlessTold(
  stage: Stage,
  { trial, isLedElsewhere }: { readonly trial: Trial; readonly isLedElsewhere: boolean },
  broken: readonly string[],
): Promise<string[]> {
  if (broken.length === 0) return [];
  // What deviates is told once two looks in a row have found it (rule 35).
  for (let look = 0; look < 2; look += 1) await seenTo(stage, lookMs);
  const drifting = await stage.perform(readDrifting(stage.db));
  const left = stage.logged.flatMap(leftAloneIn);
  return broken.filter((what) => {
    // Its data is for a person to look at (rule 25).
    if (/^(2|15): /.test(what) && left.some((id) => what.endsWith(` ${id}`) || what.includes(` ${id} is in no row`)))
      return false;
    // Led elsewhere by hand in the end, and not to what others had at the hostname before.
    if (isLedElsewhere && /^4: \S+ had \[.*\] and has \[/.test(what)) return false;
    // A droplet's size and image are left as they are (rule 25), and so is where a reserved IP leads.
    if (/^3: droplet \d+ has the (size|image) /.test(what)) return drifting.length === 0;
    if (trial.some((it) => it.kind === "undo-resolved" && it.step === "assign_reserved_ip")) {
      // Its address is nobody else's, whatever becomes of the droplet.
      if (/^4: droplet \d+ is destroyed while/.test(what)) return false;
      if (/^(16: reserved IP .* leads to|14: )/.test(what)) return drifting.length === 0;
    }
    // Nothing looks at where a volume is that no step of ours has asked to be moved.
    return !(trial.some((it) => it.kind === "resolved" && it.step === "move_volume") && what.startsWith("15: "));
  });
}

/** What a line of the log says that it is left alone for what is on it. */
const leftAloneIn = (line: string): string[] =>
  line.includes("is left alone: its data is for a person to look at")
    ? [z.object({ id: z.string() }).parse(JSON.parse(line)).id]
    : [];

const readDrifting = (db: Db) =>
  db
    .selectFrom("deployment_conditions")
    .select("deployment_id")
    .where("code", "=", "drift")
    .where("raised_at", "is not", null)
    .where("cleared_at", "is", null)
    .execute();
