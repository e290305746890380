import { expect, test } from "vitest";
import { cut, longestText, outsideText, shortened, wellFormed, wellFormedJson } from "./well-formed.ts";

test("NUL and halves of characters become U+FFFD; whole ones stay", () => {
  expect(wellFormed("a\0b\ud800c\udc00d😀")).toBe("a\ufffdb\ufffdc\ufffdd😀");
});

test.for([
  [String.raw`"\u0000"`, "\ufffd"],
  [String.raw`"\ud800"`, "\ufffd"],
  [String.raw`"\uDC00x"`, "\ufffdx"],
  [String.raw`"\ud83d\ude00"`, "😀"],
  [String.raw`"\uD83D\uDE00"`, "😀"],
  [String.raw`"\ud83d\ud83d\ude00"`, "\ufffd😀"],
  [String.raw`"\ude00\ud83d"`, "\ufffd\ufffd"],
  // An escaped backslash, then text that only looks like an escape.
  [String.raw`"\\u0000"`, String.raw`\u0000`],
  [String.raw`"\\\u0000"`, "\\\ufffd"],
  [String.raw`"\\\\ud800"`, String.raw`\\ud800`],
  [String.raw`"\n\"\u0041\ud7ff\ue000"`, '\n"A\ud7ff\ue000'],
] as const)("the JSON %s holds %s", ([json, text]) => {
  expect(JSON.parse(wellFormedJson(json))).toBe(text);
});

test("names are well-formed too", () => {
  expect(JSON.parse(wellFormedJson(String.raw`{"a\u0000":{"\ud800":1}}`))).toEqual({ "a\ufffd": { "\ufffd": 1 } });
});

test("the worst of a mebibyte takes no time", () => {
  for (const worst of ["\\", "\\u", "\\ud800", "\\ud83d\\u", "[", "\\\\u0000"]) {
    const text = worst.repeat(2 ** 20 / worst.length);
    const begun = performance.now();
    wellFormedJson(text);
    expect(performance.now() - begun).toBeLessThan(2_000);
  }
});

test("a cut never splits a character", () => {
  expect(cut("ab😀", 3)).toBe("ab");
  expect(cut("ab😀", 4)).toBe("ab😀");
  expect(cut("abc", 9)).toBe("abc");
  for (let longest = 0; longest <= 20; longest += 1) expect(cut("😀x".repeat(9), longest).isWellFormed()).toBe(true);
});

test("each text of a value is cut, however deep it lies, and nothing else is touched", () => {
  const [long, at] = ["x".repeat(longestText - 1) + "\u{1F600}", new Date()];
  const kept = "x".repeat(longestText - 1);
  expect(shortened(long)).toBe(kept);
  expect(shortened({ a: [long, { b: long, c: null, d: 7, at }], e: "short" })).toEqual({
    a: [kept, { b: kept, c: null, d: 7, at }],
    e: "short",
  });
  const deep = JSON.parse("[".repeat(200_000) + JSON.stringify(long) + "]".repeat(200_000));
  expect(shortened(deep)).toBe(deep);
  expect(outsideText(`\0${long}`)).toBe(`\ufffd${kept}`);
  expect(outsideText("a\0bc", 3)).toBe("a\ufffdb");
});
