import { rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { TestServer } from "#test/test-server.ts";
import type { Mutant } from "./mutate.ts";
import { schemataOf } from "./schemata.ts";

/** A checkout of its own with all mutants in it, which are chosen from while it runs; this one is not touched. */
export interface Bench {
  readonly directory: string;
  readonly server: TestServer;
  readonly mutants: readonly Mutant[];
  /** Where `preload.ts` reads which mutant is in effect, and writes what is come by. */
  readonly place: string;
  close(): void;
}

const skipped = new Set(["node_modules", ".git"]);

/** @param mutants of one checkout, in their order: their places there are their numbers */
export async function openBench(root: string, server: TestServer, mutants: readonly Mutant[]): Promise<Bench> {
  const { directory, close } = await temporaryDirectory();
  await cp(root, directory, { recursive: true, filter: (path) => path === root || !skipped.has(basename(path)) });
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  const numbered = mutants.map((it, number) => [number, it] as const);
  for (const [path, them] of Map.groupBy(numbered, ([, it]) => it.path)) {
    const file = join(directory, path);
    const text = schemataOf(path, await readFile(file, "utf8"), them);
    await writeFile(file, `import "#test/mutants/preload.ts";\n${text}`);
  }
  const place = join(directory, "mutants");
  await mkdir(place);
  await writeFile(join(place, "active"), "");
  return { directory, server, mutants, place, close };
}

/** For each of several who work at once: what is in effect for one is not for the others. */
export async function copyOf(bench: Bench): Promise<Bench> {
  const { directory, close } = await temporaryDirectory();
  await cp(bench.directory, directory, { recursive: true });
  return { ...bench, directory, place: join(directory, "mutants"), close };
}

/** Removed when it is closed, or when this process ends. */
async function temporaryDirectory(): Promise<{ readonly directory: string; close(): void }> {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-mutants-"));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once("exit", remove);
  return {
    directory,
    close() {
      process.off("exit", remove);
      remove();
    },
  };
}
