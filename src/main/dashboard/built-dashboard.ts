import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Log } from "#log.ts";
import { nameOfSources, repository } from "./sources.ts";

const program = fileURLToPath(new URL("./build.ts", import.meta.url));

export interface BuiltDashboard {
  /** The directory of the dashboard as its sources are now. A build that failed is tried again when next asked. */
  directory(): Promise<string>;
  /** Ends a build that still runs. */
  close(): void;
}

/**
 * What an earlier start built, else built now, beside everything else. In a process of its own: a bundler takes 100 MB
 * and a second that the server has not to spare.
 */
export function openDashboard(log: Log): BuiltDashboard {
  const closing = new AbortController();
  let current: Promise<string> | undefined;
  const directory = () => {
    current ??= find(log, closing.signal).catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  };
  void directory().catch((error: unknown) => {
    if (!closing.signal.aborted)
      log.error({ err: error }, "The dashboard could not be built; it is tried again when somebody opens it");
  });
  return { directory, close: () => closing.abort() };
}

async function find(log: Log, signal: AbortSignal): Promise<string> {
  const place = join(repository, "dist", "dashboard", await nameOfSources());
  if (await exists(join(place, "index.html"))) return place;
  log.info("Building the dashboard; the API answers meanwhile");
  await build(signal);
  return place;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** With an empty environment: the bundler has no business with our secrets. */
function build(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { cwd: repository, env: { NODE_ENV: "production" }, signal };
    execFile(process.execPath, [program], options, (error, _stdout, stderr) => {
      if (error) reject(new Error(`The dashboard could not be built: ${stderr}`, { cause: error }));
      else resolve();
    });
  });
}
