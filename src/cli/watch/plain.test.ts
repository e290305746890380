import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { plainLines } from "./plain.ts";

const at = "2026-11-22T12:00:00.000Z";
const id = "0199e000-0000-7000-8000-000000000001";

/** What is printed of these events, without the times. */
function printed(events: readonly (readonly ["saga" | "step", object])[]): string[] {
  const output = new PassThrough();
  const print = plainLines(output, "it");
  for (const [index, [type, data]] of events.entries()) print({ saga_id: id, sequence: index + 1, at, type, ...data });
  return String(output.read())
    .trimEnd()
    .split("\n")
    .map((line) => line.slice(at.length + 1));
}

const wait = { name: "wait", attempts: 1 };
const looked = (waiting_for: string) =>
  [
    ["saga", { status: "running" }],
    ["step", { ...wait, status: "running" }],
    ["step", { ...wait, status: "waiting", waiting_for }],
    ["saga", { status: "waiting", waiting_for }],
  ] as const;

test("a step that looks again and again whether its wait is over is told once", () => {
  expect(printed([...looked("a boot"), ...looked("a boot"), ...looked("a boot"), ...looked("an address")])).toEqual([
    "saga it running",
    "step wait running",
    "step wait waiting for a boot",
    "step wait waiting for an address",
  ]);
});

test("each further try is told, with what the last one failed with", () => {
  const error = { code: "conflict", message: "busy" };
  const failed = { name: "wait", status: "waiting", waiting_for: "another try", error };
  expect(
    printed([
      ...looked("a boot"),
      ["step", { ...failed, attempts: 1 }],
      ["step", { name: "wait", status: "running", attempts: 2, error }],
      ["step", { ...failed, attempts: 2 }],
      ["step", { name: "wait", status: "running", attempts: 3 }],
    ]).slice(3),
  ).toEqual([
    "step wait waiting for another try error: busy",
    "step wait running error: busy",
    "step wait waiting for another try error: busy",
    "step wait running",
  ]);
});

test("what the saga itself waits for is told, and that it goes on, and that its end was asked for", () => {
  expect(
    printed([
      ...looked("a boot"),
      ["saga", { status: "waiting", waiting_for: "the provider" }],
      ...looked("a boot"),
      ["saga", { status: "waiting", cancel_requested: true, reason: "a mistake" }],
      ["saga", { status: "compensating", error: { code: "cancelled", message: "a mistake" } }],
    ]).slice(3),
  ).toEqual([
    "saga it waiting for the provider",
    "saga it running",
    "saga it waiting note: cancel was asked for: a mistake",
    "saga it compensating error: a mistake",
  ]);
});
