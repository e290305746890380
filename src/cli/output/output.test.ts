import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { printable } from "./printable.ts";
import { printFields, printRows } from "./table.ts";
import { duration, relative, shortTime } from "./time.ts";

const now = new Date("2026-11-22T12:00:00Z");

test("a table's columns are as wide as their widest cell, and a missing cell is a dash", () => {
  const output = new PassThrough();
  printRows(
    output,
    ["ID", "NAME"],
    [
      [1234567, "web"],
      [8, null],
    ],
  );
  expect(String(output.read())).toBe("ID       NAME\n1234567  web\n8        -\n");
});

test("fields that are missing are left out", () => {
  const output = new PassThrough();
  printFields(output, { id: 7, error: null, address: "203.0.113.9" });
  expect(String(output.read())).toBe("id       7\naddress  203.0.113.9\n");
});

test("times are told by their largest unit", () => {
  expect(relative("2026-11-22T11:58:30Z", now)).toBe("1m ago");
  expect(relative("2026-11-25T12:00:00Z", now)).toBe("in 3d");
  expect(relative(null, now)).toBeNull();
  expect(shortTime(59.6)).toBe("1m");
  expect(duration("2026-11-22T12:00:00.000Z", "2026-11-22T12:00:01.450Z")).toBe("1.4 s");
  expect(duration("2026-11-22T12:00:00.000Z", "2026-11-22T12:02:05.900Z")).toBe("2 min 5 s");
});

test("text from elsewhere cannot drive the terminal", () => {
  expect(printable("a\u001b[31mred\u202e\nb")).toBe("a\u{fffd}[31mred\u{fffd} b");
});
