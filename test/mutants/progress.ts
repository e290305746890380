import { createHash } from "node:crypto";
import { appendFile, glob, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Kept, kept } from "./messages.ts";
import { changeOf, type Mutant } from "./mutate.ts";
import type { Judgement } from "./judge.ts";

const line = z.object({
  id: z.string(),
  change: z.string(),
  result: z.enum(["killed", "survived", "invalid"]),
  by: z.string(),
  seen: z.string().optional(),
});

/** What an interrupted run has found out already, in a file if there is one. */
export interface Progress {
  known(mutant: Mutant): Judgement | undefined;
  note(mutant: Mutant, judgement: Judgement): Promise<void>;
  /** What is found out before any mutant is judged, once for the sources as they are, and an extent. */
  survey(root: string, extent: string, make: () => Promise<Kept>): Promise<Kept>;
}

export async function openProgress(file: string | undefined): Promise<Progress> {
  const lines = (await textOf(file)).split("\n").filter((it) => it !== "");
  const done = new Map(lines.map((it) => line.parse(JSON.parse(it))).map((it) => [it.id, it]));
  return {
    known(mutant) {
      const found = done.get(mutant.id);
      if (!found || found.change !== changeOf(mutant)) return undefined;
      const { result, by, seen } = found;
      return { result, by, ...(seen !== undefined && { seen }) };
    },
    async note(mutant, judgement) {
      const said = JSON.stringify({ id: mutant.id, change: changeOf(mutant), ...judgement });
      if (file !== undefined) await appendFile(file, `${said}\n`);
    },
    async survey(root, extent, make) {
      if (file === undefined) return make();
      const beside = `${file}.${await sourcesOf(root, extent)}.survey`;
      const text = await textOf(beside);
      if (text !== "") return kept.parse(JSON.parse(text));
      const made = await make();
      await writeFile(beside, JSON.stringify(made));
      return made;
    },
  };
}

/** The same for the same sources and extent. */
async function sourcesOf(root: string, extent: string): Promise<string> {
  const paths: string[] = [];
  for await (const path of glob(["src/**/*.ts", "test/**/*.ts"], { cwd: root }))
    if (!path.startsWith("test/mutants/")) paths.push(path);
  const hash = createHash("sha256").update(extent);
  for (const path of paths.toSorted()) hash.update(path).update(await readFile(join(root, path)));
  return hash.digest("hex").slice(0, 12);
}

async function textOf(file: string | undefined): Promise<string> {
  if (file === undefined) return "";
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
