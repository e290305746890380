import { random, shuffled } from "#proof/stage/random.ts";
import { isUndisturbed } from "#test/proof/recorded.ts";
import type { Tests, Timed, Trials } from "./ask.ts";
import { history, type SomeTests, type SurveyedTest, type SurveyedTrial, type Trial } from "./messages.ts";
import type { Mutant } from "./mutate.ts";

export interface Judgement {
  readonly result: "killed" | "survived" | "invalid";
  /** Who saw it, or who did not. */
  readonly by: string;
  /** What showed it. */
  readonly seen?: string;
}

/** A history takes as long as several trials. */
const trialsAHistory = 8;

/** What comes by which mutants, found out once. */
export interface Known {
  readonly mutants: readonly Mutant[];
  /** Those that are asked for when the program starts only, by their ids. */
  readonly static: ReadonlySet<string>;
  readonly invalid: ReadonlySet<string>;
  readonly trials: readonly SurveyedTrial[];
  readonly tests: readonly SurveyedTest[];
  /** Of a file, the tests beside it and those that import it. */
  readonly ownTests: (path: string) => readonly string[];
}

/** How much is asked about a mutant until it has survived. */
export interface Depth {
  readonly trials: number;
  /** Of tests, as long as they take together at most. Milliseconds. */
  readonly testsMs: number;
}

/** By number of the mutant: those that come by it. What is outside of all functions, whoever comes by anything of its file. */
export function reaching<T extends { readonly reached: readonly number[] }>(
  known: Pick<Known, "mutants" | "static">,
  them: readonly T[],
): T[][] {
  const byNumber: T[][] = known.mutants.map(() => []);
  const byPath = new Map<string, T[]>();
  for (const it of them) {
    const paths = new Set<string>();
    for (const number of it.reached) {
      byNumber[number]?.push(it);
      paths.add(known.mutants[number]?.path ?? "");
    }
    for (const path of paths) byPath.set(path, [...(byPath.get(path) ?? []), it]);
  }
  return byNumber.map((those, number) => {
    const { id = "", path = "" } = known.mutants[number] ?? {};
    // A file of constants alone is come by by whoever imports it.
    return known.static.has(id) ? (byPath.get(path) ?? [...them]) : those;
  });
}

/** Of as many scenarios as there are. */
function inTurn<T extends { readonly saga: string }>(them: readonly T[], wanted: number): T[] {
  const groups = [...Map.groupBy(shuffled(them, random(1)), ({ saga }) => saga).values()];
  const longest = Math.max(0, ...groups.map((group) => group.length));
  const all = Array.from({ length: longest }, (_, turn) => groups.flatMap((group) => group.slice(turn, turn + 1)));
  return all.flat().slice(0, wanted);
}

/**
 * As many as wanted, a third of them undisturbed, of which also the statements are recorded; then those of which all is recorded
 * that they come to, and others; then some histories.
 */
export function drawn<T extends Trial & { readonly isRecorded: boolean }>(them: readonly T[], wanted: number): T[] {
  const [long, short] = [them.filter(({ saga }) => saga === history), them.filter(({ saga }) => saga !== history)];
  const first = inTurn(
    short.filter(({ trial }) => isUndisturbed(trial)),
    Math.ceil(wanted / 3),
  );
  const others = short.filter((it) => !first.includes(it));
  const rest = [true, false]
    .flatMap((isRecorded) =>
      inTurn(
        others.filter((it) => it.isRecorded === isRecorded),
        wanted,
      ),
    )
    .slice(0, wanted - first.length);
  return [...first, ...rest, ...long.slice(0, Math.ceil(wanted / trialsAHistory))];
}

const countOf = (tests: readonly SomeTests[]): number => tests.reduce((sum, { ids }) => sum + (ids?.length ?? 1), 0);

/** Whom to ask about each mutant, the cheapest first. */
export function createJudge(known: Known, depth: Depth) {
  const trialsOf = reaching(known, known.trials);
  const testsOf = reaching(known, known.tests);
  const isUnit = (file: string): boolean => file.startsWith("src/") && !file.endsWith(".system.test.ts");
  const numbers = new Map(known.mutants.map(({ id }, number) => [id, number]));

  /** The tests of the file itself first, then those that come by the least: they are about little else. */
  function testsFor(number: number, path: string, which: (file: string) => boolean): SomeTests[] {
    const own = new Set(known.ownTests(path));
    const isOwn = ({ file }: SurveyedTest): number => Number(own.has(file));
    const them = (testsOf[number] ?? []).filter(({ file }) => which(file));
    let left = depth.testsMs;
    const found = them
      .toSorted((a, b) => isOwn(b) - isOwn(a) || a.reached.length - b.reached.length)
      .filter((it) => {
        if (it.ms > left) return false;
        left -= it.ms;
        return true;
      });
    return [...Map.groupBy(found, ({ file }) => file)].map(([file, those]) => ({
      file,
      ...(those[0]?.id !== undefined && { ids: those.flatMap(({ id }) => id ?? []) }),
    }));
  }

  return async (mutant: Mutant, { trials, tests }: { trials: Trials; tests: Tests }): Promise<Judgement> => {
    if (known.invalid.has(mutant.id)) return { result: "invalid", by: "types" };
    const number = numbers.get(mutant.id) ?? -1;
    const asked: Timed[] = drawn(trialsOf[number] ?? [], depth.trials).map(({ saga, trial, ms }) => ({
      saga,
      trial,
      ms,
    }));
    const isStatic = known.static.has(mutant.id);
    const unit = testsFor(number, mutant.path, isUnit);
    const system = testsFor(number, mutant.path, (file) => !isUnit(file));
    const judges = [
      { by: "unit tests", asked: countOf(unit), ask: () => tests.ask(number, unit) },
      {
        by: "trials",
        asked: asked.length,
        ask: () => (isStatic ? trials.askFresh(number, asked) : trials.ask(number, asked)),
      },
      { by: "system tests", asked: countOf(system), ask: () => tests.ask(number, system) },
    ].filter((it) => it.asked > 0);
    for (const { by, ask } of judges) {
      const seen = await ask();
      if (seen !== undefined) return { result: "killed", by, seen };
    }
    return { result: "survived", by: judges.map((it) => `${it.asked} ${it.by}`).join(", ") || "nobody" };
  };
}
