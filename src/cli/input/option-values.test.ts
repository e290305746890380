import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import type { Cli } from "#cli/cli.ts";
import { UsageError } from "#cli/failure.ts";
import { readUserData } from "./option-values.ts";
import { readVariables } from "./pairs.ts";
import { refuseNotUtf8 } from "./read-text.ts";

function given(bytes: Buffer) {
  const folder = mkdtempSync(join(tmpdir(), "user-data-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "user-data");
  writeFileSync(path, bytes);
  const stdin = new PassThrough();
  stdin.end(bytes);
  return { path, cli: { stdin } as unknown as Cli };
}

test("user_data arrives byte for byte, from a file and from stdin", async () => {
  const bytes = Buffer.from("\ufeff#!/bin/sh\r\necho é😀\n");
  const { path, cli } = given(bytes);
  for (const from of [path, "-"]) expect(Buffer.from((await readUserData(cli, from)) ?? "")).toEqual(bytes);
  expect(await readUserData(cli, undefined)).toBeUndefined();
});

test.for([
  ["Latin-1", Buffer.from("caf\xe9", "latin1")],
  ["gzip", Buffer.from("1f8b0800", "hex")],
  ["half of a surrogate pair", Buffer.from("eda080", "hex")],
  ["UTF-16", Buffer.from("\ufeffecho", "utf16le")],
  ["a character that is cut off", Buffer.from("😀").subarray(0, 3)],
] as const)("user_data that is %s is refused, not changed", async ([, bytes]) => {
  const { path, cli } = given(bytes);
  for (const from of [path, "-"]) {
    const refused = readUserData(cli, from);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow("is not UTF-8, and nothing was sent");
  }
});

test("variables that are Latin-1 are refused, not changed; a byte order mark is no fault of theirs", async () => {
  const latin = given(Buffer.from('{"NAME": "caf\xe9"}', "latin1"));
  for (const from of [latin.path, "-"])
    await expect(readVariables(latin.cli, from)).rejects.toThrow("is not UTF-8, and nothing was sent");
  const { path, cli } = given(Buffer.from('\ufeff{"NAME": "café"}'));
  for (const from of [path, "-"]) expect(await readVariables(cli, from)).toEqual({ NAME: "café" });
});

test("an argument that was not UTF-8 is refused by its place", () => {
  expect(() => refuseNotUtf8(["tenants", "create", "acme", "--name", "Caf\ufffd"])).toThrow("Argument 5 holds bytes");
  expect(() => refuseNotUtf8(["tenants", "create", "acme", "--name", "Café 😀"])).not.toThrow();
});
