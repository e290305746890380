import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { applied, type Mutant } from "./mutate.ts";

const run = promisify(execFile);
/** So many that the compiler stays within the memory of a small machine. */
const atOnce = 1200;

/**
 * Those that do not type-check: the types have seen them. Each is a file of its own beside the one that it changes, and many of them are
 * checked at once; what only another file would see of it counts as not seen.
 * @returns their ids
 */
export async function withoutTypes(root: string, mutants: readonly Mutant[]): Promise<ReadonlySet<string>> {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-types-"));
  try {
    for (const name of ["src", "test", "package.json", "tsconfig.json"])
      await cp(join(root, name), join(directory, name), {
        recursive: true,
        filter: (path) => basename(path) !== "node_modules",
      });
    await symlink(join(root, "node_modules"), join(directory, "node_modules"));
    const seen = new Set<string>();
    for (let from = 0; from < mutants.length; from += atOnce)
      for (const id of await seenAmong(directory, mutants.slice(from, from + atOnce))) seen.add(id);
    return seen;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function seenAmong(directory: string, mutants: readonly Mutant[]): Promise<string[]> {
  const texts = new Map<string, string>();
  for (const { path } of mutants) if (!texts.has(path)) texts.set(path, await readFile(join(directory, path), "utf8"));
  const files = new Map<string, Mutant>();
  for (const [index, mutant] of mutants.entries()) {
    const file = mutant.path.replace(/\.ts$/, `.mutant-${index}.ts`);
    files.set(file, mutant);
    await writeFile(join(directory, file), applied(texts.get(mutant.path) ?? "", mutant));
  }
  // A class with something private in it is another one in another file: such a file judges none of its mutants.
  const same = new Map([...texts.keys()].map((path) => [path.replace(/\.ts$/, ".mutant-none.ts"), path]));
  for (const [file, path] of same) await writeFile(join(directory, file), texts.get(path) ?? "");
  const config = { extends: "./tsconfig.json", include: [], files: [...files.keys(), ...same.keys()] };
  await writeFile(join(directory, "tsconfig.mutants.json"), JSON.stringify(config));
  const failing = new Set(
    [...(await errorsOf(directory)).matchAll(/^(\S+?)\(\d+,\d+\): error /gm)].map(([, file = ""]) => file),
  );
  const odd = new Set([...same].flatMap(([file, path]) => (failing.has(file) ? [path] : [])));
  for (const file of [...files.keys(), ...same.keys()]) await rm(join(directory, file));
  return [...files].flatMap(([file, { id, path }]) => (failing.has(file) && !odd.has(path) ? [id] : []));
}

async function errorsOf(cwd: string): Promise<string> {
  try {
    await run("node_modules/.bin/tsc", ["-p", "tsconfig.mutants.json", "--pretty", "false"], { cwd, maxBuffer: 1e9 });
    return "";
  } catch (error) {
    const { stdout, code } = error as { stdout?: string; code?: unknown };
    // 1 and 2: it has found errors, and tells all of them.
    if (!stdout || (code !== 1 && code !== 2)) throw error;
    return stdout;
  }
}
