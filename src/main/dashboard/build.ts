import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "vite";
import { nameOfSources, repository } from "./sources.ts";

/** Where built dashboards lie, each under the name of its sources. */
export const builtDirectory = join(repository, "dist", "dashboard");

/** Builds the dashboard beside its place and moves it there whole, so that two builds at once do not mix. */
export async function buildDashboard(): Promise<string> {
  const name = await nameOfSources();
  const place = join(builtDirectory, name);
  const draft = join(builtDirectory, `.${name}-${process.pid}`);
  await mkdir(builtDirectory, { recursive: true });
  try {
    await build({
      configFile: join(repository, "src/dashboard/vite.config.ts"),
      logLevel: "error",
      build: { outDir: draft, emptyOutDir: true },
    });
    await rename(draft, place).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster, with the same sources.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await removeOthers(name);
  return place;
}

async function removeOthers(name: string): Promise<void> {
  const others = (await readdir(builtDirectory)).filter((entry) => entry !== name && !entry.startsWith("."));
  for (const other of others) await rm(join(builtDirectory, other), { recursive: true, force: true });
}

if (import.meta.main) console.log(`The dashboard is built: ${await buildDashboard()}`);
