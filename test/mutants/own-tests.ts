import { glob, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

const importing = /from "(#[^"]+|\.{1,2}\/[^"]+)"/g;

function resolved(test: string, specifier: string): string {
  if (specifier.startsWith("#test/")) return specifier.slice(1);
  return specifier.startsWith("#") ? `src/${specifier.slice(1)}` : normalize(join(dirname(test), specifier));
}

/** What takes minutes, runs proofs of its own, or a browser, judges no mutant: of `test/` the sagas' tests do. */
const notAsked = /^test\/(?!sagas\/)/;

/** Every test file that may judge, and of each source file those beside it and those that import it by its name. */
export async function ownTestsOf(root: string) {
  const tests: { test: string; of: ReadonlySet<string> }[] = [];
  for await (const test of glob(["src/**/*.test.ts", "test/**/*.test.ts"], { cwd: root })) {
    if (notAsked.test(test)) continue;
    const text = await readFile(join(root, test), "utf8");
    tests.push({
      test,
      of: new Set([...text.matchAll(importing)].map(([, specifier = ""]) => resolved(test, specifier))),
    });
  }
  return {
    all: tests.map(({ test }) => test).toSorted(),
    of: (path: string): string[] => {
      const beside = path.replace(/\.ts$/, ".");
      return tests.filter(({ test, of }) => test.startsWith(beside) || of.has(path)).map(({ test }) => test);
    },
  };
}
