import { glob, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

/** The tests of one file: those beside it, and those that import it by its name. */
export interface OwnTests {
  readonly unit: readonly string[];
  readonly system: readonly string[];
}

const importing = /from "(#[^"]+|\.{1,2}\/[^"]+)"/g;

function resolved(test: string, specifier: string): string {
  if (specifier.startsWith("#test/")) return specifier.slice(1);
  return specifier.startsWith("#") ? `src/${specifier.slice(1)}` : normalize(join(dirname(test), specifier));
}

/** Whose test each file is: the unit tests, and the system tests; proofs and the browser's are no file's own. */
export async function ownTestsOf(root: string): Promise<(path: string) => OwnTests> {
  const tests: { test: string; of: ReadonlySet<string> }[] = [];
  for await (const test of glob(["src/**/*.test.ts", "test/**/*.test.ts"], { cwd: root })) {
    if (/^test\/(proof|chaos|browser|mutants)\//.test(test)) continue;
    const text = await readFile(join(root, test), "utf8");
    tests.push({
      test,
      of: new Set([...text.matchAll(importing)].map(([, specifier = ""]) => resolved(test, specifier))),
    });
  }
  const isUnit = (test: string): boolean => test.startsWith("src/") && !test.endsWith(".system.test.ts");
  return (path) => {
    const beside = path.replace(/\.ts$/, ".");
    const own = tests.filter(({ test, of }) => test.startsWith(beside) || of.has(path)).map(({ test }) => test);
    return { unit: own.filter(isUnit), system: own.filter((test) => !isUnit(test)) };
  };
}
