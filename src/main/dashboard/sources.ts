import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** What the built dashboard is made of: its own sources, the contract, the leaves of both, and the versions of its packages. */
const folders = ["src/dashboard", "src/api"];
const leaves = "src";

/** A name for what the sources hold: the same sources, the same name. */
export async function nameOfSources(): Promise<string> {
  const hash = createHash("sha256");
  for (const path of ["package.json", ...(await sourceFiles())])
    hash.update(`${path}\0`).update(await readFile(join(repository, path)));
  return hash.digest("hex").slice(0, 16);
}

/** From the root of the repository. */
export async function sourceFiles(): Promise<string[]> {
  const filesIn = async (folder: string, recursive: boolean) => {
    const entries = await readdir(join(repository, folder), { recursive, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  };
  const lists = await Promise.all([...folders.map((folder) => filesIn(folder, true)), filesIn(leaves, false)]);
  return lists
    .flat()
    .filter((path) => !path.includes(".test."))
    .map((path) => path.slice(repository.length))
    .toSorted();
}
