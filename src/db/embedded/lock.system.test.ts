import { realpath, stat } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createDataDirectory } from "#test/data-directory.ts";
import { startEmbeddedProcess } from "#test/embedded-process.ts";
import { DirectoryInUse, lockDirectory } from "./lock.ts";

test("the directory is made for its owner alone, and locked until it is released", async () => {
  await using directory = await createDataDirectory();
  const lock = lockDirectory(directory.path);
  expect((await stat(directory.path)).mode & 0o777).toBe(0o700);
  expect(() => lockDirectory(directory.path)).toThrow(DirectoryInUse);
  lock.release();
  lockDirectory(directory.path).release();
});

test("a lock that nobody holds on to lasts as long as the process", async () => {
  await using directory = await createDataDirectory();
  lockDirectory(directory.path);
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  expect(() => lockDirectory(directory.path)).toThrow(DirectoryInUse);
});

test("a directory that cannot be made says so", () => {
  expect(() => lockDirectory("/dev/null/arcadia")).toThrow(/cannot be used.*ARCADIA_DATA_DIR/);
});

test("of two processes that start at once, one has it and the other names the holder", async () => {
  await using directory = await createDataDirectory();
  const both = await Promise.all([1, 2].map(() => startEmbeddedProcess(directory.path, directory)));
  const [winner, ...others] = both.filter(({ said }) => said.url);
  const [loser] = both.filter(({ said }) => said.error);
  expect(others).toEqual([]);
  expect(loser?.said.error).toContain(await realpath(directory.path));
  expect(loser?.said.error).toMatch(/in use by (process \d+|another process)/);
  const third = await startEmbeddedProcess(directory.path, directory);
  expect(third.said.error).toContain(`process ${winner?.child.pid}`);
  await winner?.kill();
  lockDirectory(directory.path).release();
});
