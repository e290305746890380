import { random, shuffled } from "#proof/stage/random.ts";
import type { Bench } from "./bench.ts";
import { history, type Survey, type Trial } from "./messages.ts";
import type { Mutant } from "./mutate.ts";
import type { OwnTests } from "./own-tests.ts";

export interface Judgement {
  readonly result: "killed" | "survived" | "invalid";
  /** Who saw it, or who did not. */
  readonly by: string;
  /** What showed it. */
  readonly seen?: string;
}

/** A history takes as long as several trials. */
const trialsAHistory = 4;

/** Of the trials that come by a mutant as many as wanted, of as many scenarios as there are; then some histories. */
export function trialsFor({ trials, reached }: Survey, id: string, wanted: number): Trial[] {
  const them = (reached[id] ?? []).flatMap((index) => trials[index] ?? []);
  const [long, short] = [them.filter(({ saga }) => saga === history), them.filter(({ saga }) => saga !== history)];
  const groups = [...Map.groupBy(shuffled(short, random(1)), ({ saga }) => saga).values()];
  const longest = Math.max(0, ...groups.map((group) => group.length));
  const inTurn = Array.from({ length: longest }, (_, turn) => groups.flatMap((group) => group.slice(turn, turn + 1)));
  return [...inTurn.flat().slice(0, wanted), ...long.slice(0, Math.ceil(wanted / trialsAHistory))];
}

/** The cheapest first. A test that fails without any mutant is nobody's judge. */
export function createJudge(bench: Bench, known: Survey, ownTests: (path: string) => OwnTests, depth: number) {
  const holds = new Map<string, boolean>();
  const judgesAmong = async (project: "unit" | "system", files: readonly string[]): Promise<string[]> => {
    for (const file of files) if (!holds.has(file)) holds.set(file, !(await bench.tests(project, [file])));
    return files.filter((file) => holds.get(file));
  };

  return async (mutant: Mutant): Promise<Judgement> => {
    const own = ownTests(mutant.path);
    const [unit, system] = [await judgesAmong("unit", own.unit), await judgesAmong("system", own.system)];
    const trials = trialsFor(known, mutant.id, depth);
    const judges = [
      { by: "unit tests", asked: unit.length, ask: () => bench.tests("unit", unit) },
      { by: "trials", asked: trials.length, ask: () => bench.trials(trials) },
      { by: "system tests", asked: system.length, ask: () => bench.tests("system", system) },
    ].filter(({ asked }) => asked > 0);
    await bench.mutate(mutant);
    try {
      if (!(await bench.typeChecks())) return { result: "invalid", by: "types" };
      for (const { by, ask } of judges) {
        const seen = await ask();
        if (seen !== undefined) return { result: "killed", by, seen };
      }
      return { result: "survived", by: judges.map(({ by, asked }) => `${asked} ${by}`).join(", ") || "nobody" };
    } finally {
      await bench.restore();
    }
  };
}
