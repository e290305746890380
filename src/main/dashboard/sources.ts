import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** What the built dashboard is made of: its own sources, the contract, and the versions of its packages. */
const folders = ["src/dashboard", "src/api"];

/** A name for what the sources hold: the same sources, the same name. */
export async function nameOfSources(): Promise<string> {
  const hash = createHash("sha256");
  for (const path of ["package.json", ...(await sourceFiles())])
    hash.update(`${path}\0`).update(await readFile(join(repository, path)));
  return hash.digest("hex").slice(0, 16);
}

async function sourceFiles(): Promise<string[]> {
  const lists = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(join(repository, folder), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    }),
  );
  return lists
    .flat()
    .filter((path) => !path.includes(".test."))
    .map((path) => path.slice(repository.length))
    .toSorted();
}
