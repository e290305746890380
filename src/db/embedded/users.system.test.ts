import { execFileSync } from "node:child_process";
import { chmod, lstat, mkdir, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyCheckout } from "#test/checkout-copy.ts";
import { createDataDirectory } from "#test/data-directory.ts";
import { startEmbeddedProcess } from "#test/embedded-process.ts";
import { isRoot, unprivilegedAccount } from "./account.ts";
import { findPostmaster } from "./postmaster.ts";

// These need root to begin with. Run by an ordinary user, every other test of the embedded server is the second case.

test.runIf(isRoot())("root, in a checkout and a data directory that only root can enter", async () => {
  await using directory = await createDataDirectory();
  await mkdir(directory.path, { mode: 0o700 });
  await copyCheckout(join(directory.path, "checkout"));
  const options = { place: directory.place, program: join(directory.path, "checkout/test/embedded-program.ts") };

  const first = await startEmbeddedProcess(directory.path, options);
  expect(first.said).toMatchObject({ adopted: false });
  await first.kill();
  expect((await lstat(join(directory.path, "postgres"))).isSymbolicLink()).toBe(true);
  const data = await realpath(join(directory.path, "postgres"));
  const account = await unprivilegedAccount();
  const { uid } = account;
  expect(await stat(data)).toMatchObject({ uid, mode: 0o40700 });
  expect((await stat(`/proc/${(await findPostmaster({ data, account }))?.pid}`)).uid).toBe(uid);
  const copies = (await readdir(directory.place)).filter((name) => name.startsWith("binaries-"));
  expect(copies).toHaveLength(1);
  expect(await stat(join(directory.place, String(copies[0])))).toMatchObject({ uid: 0, mode: 0o40755 });

  const second = await startEmbeddedProcess(directory.path, options);
  await second.kill();
  expect(second.said).toEqual({ url: first.said.url, adopted: true });
});

test.runIf(isRoot())("an ordinary user, in a checkout of their own", async () => {
  await using directory = await createDataDirectory();
  await mkdir(directory.path, { mode: 0o700 });
  const checkout = join(directory.path, "checkout");
  await copyCheckout(checkout);
  execFileSync("chown", ["-R", "65534:65534", directory.path]);
  const started = await startEmbeddedProcess(directory.path, {
    place: directory.place,
    program: join(checkout, "test/embedded-program.ts"),
    node: join(checkout, "node"),
    user: { uid: 65_534, gid: 65_534 },
  });
  await started.kill();
  expect(started.said).toMatchObject({ adopted: false });
  expect(await lstat(join(directory.path, "postgres"))).toMatchObject({ uid: 65_534, mode: 0o40700 });
  await expect(stat(directory.place)).rejects.toMatchObject({ code: "ENOENT" });
});

test.runIf(isRoot())("root does not trust a place that others can write to", async () => {
  await using directory = await createDataDirectory();
  await mkdir(directory.place);
  await chmod(directory.place, 0o777);
  const started = await startEmbeddedProcess(directory.path, directory);
  expect(started.said.error).toMatch(/must belong to root and be writable by root alone; it is user 0's, mode 777/);
});
