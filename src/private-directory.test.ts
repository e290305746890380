import { chmod, chown, lchown, lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openLog } from "#log.ts";
import { readConfig } from "./config.ts";
import { serve } from "#main/serve.ts";
import { claimDirectory } from "./private-directory.ts";
import { readPrivateFile } from "./private-file.ts";

const isRoot = process.getuid?.() === 0;
const somebody = 65_534;

async function place(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "arcadia-claim-"));
  onTestFinished(() => rm(home, { recursive: true }));
  return home;
}

/** A data directory as the first start leaves it. */
async function dataDirectory(): Promise<string> {
  const path = join(await place(), "data");
  claimDirectory(path);
  for (const name of ["lock", "lock.pid", "admin-token", "secret-key", "postgres-url", "simulator.json"])
    await writeFile(join(path, name), "planted", { mode: 0o600 });
  return path;
}

const modeOf = async (path: string): Promise<number> => (await lstat(path)).mode & 0o777;

test("a directory is made closed, one of ours is closed, and one that was open and holds something is refused", async () => {
  const path = await dataDirectory();
  expect(await modeOf(path)).toBe(0o700);
  await chmod(path, 0o755);
  claimDirectory(path);
  expect(await modeOf(path)).toBe(0o700);
  for (const mode of [0o777, 0o770, 0o702, 0o1777]) {
    await chmod(path, mode);
    expect(() => claimDirectory(path)).toThrow(/was open to others \(mode \d+\), who may have put into it/);
  }
  const empty = join(path, "empty");
  await chmod(path, 0o700);
  await mkdir(empty);
  await chmod(empty, 0o777);
  claimDirectory(empty);
  expect(await modeOf(empty)).toBe(0o700);
});

test.each(["lock", "lock.pid", "admin-token", "secret-key", "postgres-url", "postgres-owner-url", "postgres.log"])(
  "a link in the place of %s is refused",
  async (name) => {
    const path = await dataDirectory();
    const target = `${path}-target`;
    await writeFile(target, "of somebody", { mode: 0o600 });
    await rm(join(path, name), { force: true });
    await symlink(target, join(path, name));
    expect(() => claimDirectory(path)).toThrow(`holds the link ${name}`);
    await expect(readPrivateFile(join(path, name))).rejects.toThrow("is a link, which is not followed");
  },
);

test("a directory above it that anybody may write to is refused, one with the sticky bit is not", async () => {
  const home = await place();
  const [above, path] = [join(home, "above"), join(home, "above", "data")];
  await mkdir(above);
  await chmod(above, 0o777);
  expect(() => claimDirectory(path)).toThrow(`can be exchanged by whoever may write to ${above}`);
  await chmod(above, 0o1777);
  expect(claimDirectory(path)).toBe(path);
});

test("a link on the way to it is followed where nobody else could exchange it", async () => {
  const [home, path] = [await place(), await dataDirectory()];
  await symlink(join(path, ".."), join(home, "one"));
  await symlink("one", join(home, "two"));
  expect(claimDirectory(join(home, "two", "data"))).toBe(path);
  await mkdir(join(home, "open"));
  await symlink(join(path, ".."), join(home, "open", "link"));
  await symlink("open/link", join(home, "three"));
  for (const mode of [0o777, 0o775]) {
    await chown(join(home, "open"), process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    await chmod(join(home, "open"), mode);
    const made = () => claimDirectory(join(home, "three", "data"));
    if (mode === 0o777) expect(made).toThrow(`is reached by the link ${join(home, "open", "link")}`);
    else expect(made()).toBe(path);
  }
  await symlink("around", join(home, "around"));
  expect(() => claimDirectory(join(home, "around", "data"))).toThrow(/cannot be used|is reached by the link/);
});

test.runIf(isRoot)(
  "a link of somebody else's anywhere on the way to it is refused, and nothing is made there",
  async () => {
    const [home, path] = [await place(), await dataDirectory()];
    await chmod(home, 0o1777);
    const link = join(home, "app");
    await symlink(join(path, ".."), link);
    await lchown(link, somebody, somebody);
    for (const below of ["data", "other", "other/data"]) {
      expect(() => claimDirectory(join(link, below))).toThrow(`is reached by the link ${link}`);
      expect(() => claimDirectory(join(home, "new", "..", "app", below))).toThrow(`is reached by the link ${link}`);
    }
    expect(await readdir(join(path, ".."))).toEqual(["data"]);
  },
);

test("of a secret's file, only our own that is closed to others is read", async () => {
  const path = join(await place(), "secret-key");
  expect(await readPrivateFile(path)).toBeUndefined();
  await writeFile(path, "ours", { mode: 0o600 });
  expect(await readPrivateFile(path)).toBe("ours");
  for (const mode of [0o644, 0o640, 0o602, 0o666]) {
    await chmod(path, mode);
    await expect(readPrivateFile(path)).rejects.toThrow("is open to others");
  }
  await rm(path);
  execFileSync("mkfifo", ["-m", "600", path]);
  await expect(readPrivateFile(path)).rejects.toThrow("is not an ordinary file");
});

test.runIf(isRoot)(
  "what belongs to somebody else is refused: the directory, what is in it or above it, a link to it",
  async () => {
    const path = await dataDirectory();
    for (const name of ["admin-token", "secret-key", "lock.pid", "anything"]) {
      await writeFile(join(path, name), "planted", { mode: 0o600 });
      await chown(join(path, name), somebody, somebody);
      expect(() => claimDirectory(path)).toThrow(`holds ${name}, which belongs to user ${somebody}`);
      await expect(readPrivateFile(join(path, name))).rejects.toThrow(`belongs to user ${somebody}`);
      await chown(join(path, name), 0, 0);
    }
    await chown(path, somebody, somebody);
    expect(() => claimDirectory(path)).toThrow(`belongs to user ${somebody}, and this process runs as 0`);
    await chown(path, 0, 0);
    await chown(join(path, ".."), somebody, somebody);
    expect(() => claimDirectory(path)).toThrow("can be exchanged by whoever may write to");
    await chown(join(path, ".."), 0, 0);
    const link = join(path, "..", "link");
    await symlink(path, link);
    execFileSync("chown", ["-h", String(somebody), link]);
    expect(() => claimDirectory(link)).toThrow(`is reached by the link ${link}`);
  },
);

test.runIf(isRoot)(
  "a server does not start on one that somebody prepared, with a database of one's own neither",
  async () => {
    const path = join(await place(), "data");
    await mkdir(path);
    await writeFile(join(path, "admin-token"), `arc_${"a".repeat(43)}\n`);
    await chmod(path, 0o777);
    for (const database of [{}, { DATABASE_URL: "postgres://a:b@127.0.0.1:1/arcadia" }]) {
      const config = readConfig({ ...database, ARCADIA_DATA_DIR: path, PORT: "0" });
      await expect(serve(config, openLog("silent"))).rejects.toThrow(/was open to others.*nothing was started/);
    }
  },
);
