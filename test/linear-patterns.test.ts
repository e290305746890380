import { analyse } from "scslre";
import { expect, test } from "vitest";
import * as fields from "#api/fields.ts";
import { assembleUserData } from "#deployments/assemble-user-data.ts";
import { redact } from "#providers/digitalocean/redact.ts";
import { appOf } from "#simulator/apps.ts";
import { type Pattern, patternsOf } from "./patterns.ts";

const kib = 1024;
/** A quadratic pattern needs seconds for 64 KiB, two billion steps; a linear one a few milliseconds on an idle machine. */
const limitMs = 1000;

/** Patterns that are put together while running, and why no text of a stranger makes them slow. */
const putTogether = {
  "src/simulator/faults.ts": "written by whoever controls the simulator, who may as well have it hang",
  "src/simulator/router.ts": "our own routes: one [^/]+ between two slashes",
};

const patterns = await patternsOf("src");
const written = patterns.filter((it): it is Pattern & { source: string } => it.source !== undefined);

const timeOf = (work: () => unknown): number => {
  const begun = performance.now();
  work();
  return performance.now() - begun;
};

/** The better of two: what else the machine does is no matter of the pattern's. */
const bestOf = (work: () => unknown): number => {
  const first = timeOf(work);
  return first < limitMs ? first : Math.min(first, timeOf(work));
};

/** What a pattern may stumble over: its own characters, what its classes hold, all kinds of blanks, and near matches. */
function worstInputs(source: string, length: number): string[] {
  const own = [...new Set(source.replace(/\\[a-zA-Z]/g, "").replace(/[\\^$*+?()[\]{}|]/g, ""))].slice(0, 24);
  const units = new Set([
    ...own,
    " ",
    "\t",
    "\n",
    "\r\n",
    "\u00a0",
    "\u2028",
    "a",
    "A",
    "0",
    "_",
    "é",
    "\u{1f600}",
    "\x01",
  ]);
  const pairs = own.slice(0, 8).flatMap((one) => [`${one} `, `${one}\n`, ` ${one}`, `${one}a`, `${one}0`, `a${one}`]);
  const words = source.match(/\w{2,}/g) ?? [];
  return [...units, ...pairs, ...words].flatMap((unit) => {
    const long = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
    return [long, `${long}!`, `${words[0] ?? own[0] ?? ""}${long}\0`];
  });
}

test("there are patterns to look at, and all are written down but those that are named", () => {
  expect(written.length).toBeGreaterThan(80);
  const dynamic = patterns.filter((it) => it.source === undefined).map((it) => it.at.split(":")[0]);
  expect([...new Set(dynamic)]).toEqual(Object.keys(putTogether));
});

test("the analysis finds a quadratic pattern, each way there is to be one", () => {
  for (const source of [String.raw`\s*\n\s*`, String.raw`\/+$`, "^a*a*$", "(a+)+$", String.raw`^\s*(.*?)\s*$`])
    expect([source, analyse({ source, flags: "" }).reports.length > 0]).toEqual([source, true]);
});

test("no pattern of the product is more than linear", () => {
  const slow = written.filter(({ source, flags }) => analyse({ source, flags }).reports.length > 0);
  expect(slow).toEqual([]);
});

test("every pattern reads 64 KiB of its worst input at once", { timeout: 300_000 }, () => {
  let worst = { ms: 0, at: "" };
  for (const { at, source, flags } of written) {
    const pattern = new RegExp(source, flags.includes("g") ? flags : `${flags}g`);
    for (const input of worstInputs(source, 64 * kib)) {
      const ms = bestOf(() => input.replace(pattern, ""));
      if (ms > worst.ms) worst = { ms, at: `${at} /${source}/${flags}` };
    }
  }
  console.log(`worst of ${written.length} patterns on 64 KiB: ${worst.ms.toFixed(1)} ms, ${worst.at}`);
  expect(worst.ms, worst.at).toBeLessThan(limitMs);
});

test.for(Object.entries(fields).filter(([, it]) => typeof it === "object"))(
  "the field %s refuses or takes the largest body at once",
  { timeout: 60_000 },
  ([, field]) => {
    if (typeof field === "function") return;
    for (const unit of [" ", "\n", "a", "a.", "-", ".", "*.", "0", ":", "a-", "é", "\ud800", "\0"]) {
      const value = unit.repeat(Math.floor((512 * kib) / unit.length));
      expect(
        bestOf(() => field.safeParse(value)),
        JSON.stringify(unit),
      ).toBeLessThan(limitMs);
    }
  },
);

const lines = (count: number, line: (index: number) => string) => Array.from({ length: count }, (_, i) => line(i));

test.for<[string, string]>([
  ["spaces", " ".repeat(64 * kib)],
  ["line ends", "\n".repeat(64 * kib)],
  ["spaces and line ends", " \n".repeat(32 * kib)],
  ["CRLF", "\r\n".repeat(32 * kib)],
  ["tabs", "\t".repeat(64 * kib)],
  ["no-break spaces", "\u00a0".repeat(32 * kib)],
  ["one letter", "a".repeat(64 * kib)],
  ["control characters, six times as long in JSON", "\x01".repeat(64 * kib)],
  ["quotation marks", '"'.repeat(64 * kib)],
  ["backslashes", "\\".repeat(64 * kib)],
  ["short lines, all different", lines(13 * kib, (i) => (i + 9e5).toString(36)).join("\n")],
  ["short lines, all alike", "x1y\n".repeat(16 * kib)],
  ["lines as long as a run", lines(3 * kib, (i) => `password-${i + 1e6}`).join("\n")],
])("64 KiB of user_data that is %s is kept out of an error at once", { timeout: 60_000 }, ([, secret]) => {
  for (const text of ["The image is not available", secret.slice(0, 8000), " ".repeat(8000), JSON.stringify(secret)])
    expect(bestOf(() => redact(text, [secret]))).toBeLessThan(limitMs);
});

/** Each way to have the end of a part, or of the file in the boothook, looked for again and again. */
test.for([
  "--arcadia-part",
  "--arcadia-part-",
  ...["-", "_"].map((unit) => `${unit.repeat(32 * kib)}--arcadia-part${unit.repeat(32 * kib)}`),
  lines(360, (count) => `--arcadia-part${"-".repeat(count)}`).join("\n"),
  lines(360, (count) => `ARCADIA_END${"_".repeat(count)}`).join("\n"),
])("64 KiB of what a tenant writes are made a droplet's user_data at once", { timeout: 60_000 }, (unit) => {
  const text = unit.repeat(Math.ceil((64 * kib) / unit.length));
  const told = { hostname: "a.example.com", tenant: "a", deployment: "d-1", release: null, variables: { A: text } };
  expect(bestOf(() => assembleUserData(told, text))).toBeLessThan(limitMs);
});

test.for(["base64\n", "base64\n\n", "base64\r\n\r\n", "base64\n\nbase64"])(
  "the simulator reads 64 KiB of %j for a release at once",
  { timeout: 60_000 },
  (unit) => {
    const text = unit.repeat(Math.floor((64 * kib) / unit.length));
    expect(bestOf(() => appOf(text))).toBeLessThan(limitMs);
  },
);
