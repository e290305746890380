import { expect, test } from "vitest";
import { after, systemClock } from "#clock.ts";
import type { Answer } from "./ask.ts";
import type { Check } from "./check.ts";
import { createProber } from "./prober.ts";
import { type Health, judge } from "./verdict.ts";

const check: Check = {
  protocol: "http",
  port: 80,
  interval_seconds: 5,
  timeout_seconds: 3,
  healthy_after: 2,
  unhealthy_after: 3,
  deadline_seconds: 600,
};
const start = new Date("2026-11-26T12:00:00Z");
const fresh: Health = { state: "unknown", since: start, reason: null, successes: 0, failures: 0 };
const answers = {
  y: { kind: "healthy", said: "200" },
  n: { kind: "unhealthy", said: "500, not 200-299" },
  s: { kind: "silent", said: "no answer within 3 s" },
} as const satisfies Record<string, Answer>;

/** The states after each answer, by their first letters. */
function states(sequence: string, path: "reaches" | "down" | "untold" = "reaches"): string {
  let health = fresh;
  let told = "";
  for (const [at, letter] of sequence.split("").entries()) {
    health = judge(health, answers[letter as keyof typeof answers], path, check, after(start, at * 60_000));
    told += { unknown: "?", healthy: "+", unhealthy: "-" }[health.state];
  }
  return told;
}

test.each([
  ["yy", "?+"],
  ["yny", "???"],
  ["yynny", "?++++"],
  ["yynnn", "?+++-"],
  ["yynnny", "?+++--"],
  ["yynnnyy", "?+++--+"],
  ["nnn", "??-"],
  ["sss", "??-"],
])("%s is %s", (sequence, told) => expect(states(sequence)).toBe(told));

test.each([
  ["yysss", "down", "?+???"],
  ["yysss", "untold", "?+???"],
  // It answers itself: that needs nobody else's word.
  ["yynnn", "untold", "?+++-"],
  ["yysyy", "down", "?+??+"],
] as const)("%s with the way %s is %s", (sequence, path, told) => expect(states(sequence, path)).toBe(told));

test("since tells when it turned, and the reason is the last answer against it", () => {
  let health = fresh;
  for (const at of [1, 2, 3]) health = judge(health, answers.n, "reaches", check, after(start, at));
  expect(health).toMatchObject({ state: "unhealthy", since: after(start, 3), reason: "500, not 200-299" });
  health = judge(health, answers.s, "down", check, after(start, 9));
  expect(health.reason).toMatch(/^probe_path_down: no answer within 3 s, and no other/);
});

test("the way is told by what others answered lately", async () => {
  let now = start;
  let next: Answer = answers.s;
  const clock = { ...systemClock, now: () => now };
  const prober = createProber({ clock, ask: async () => next });
  const signal = new AbortController().signal;
  const ask = (whose: string, answer: Answer, serves = true) => {
    next = answer;
    return prober.ask({ whose, serves }, check, { address: "192.0.2.1", hostname: "a.b" }, 1000, signal);
  };
  expect(prober.pathBesides("a")).toBe("untold");
  await ask("a", answers.y);
  expect([prober.pathBesides("a"), prober.pathBesides("b")]).toEqual(["untold", "reaches"]);
  // One may be dead itself, and one that never answered may not have started.
  await ask("b", answers.s);
  await ask("new", answers.s, false);
  expect(prober.pathBesides("a")).toBe("untold");
  await ask("c", answers.s);
  expect(prober.pathBesides("a")).toBe("down");
  await ask("d", answers.n);
  expect(prober.pathBesides("a")).toBe("reaches");
  // Whoever answered before the way broke and is silent since is no witness.
  await ask("d", answers.s);
  expect(prober.pathBesides("a")).toBe("down");
  now = after(start, 181_000);
  expect(prober.pathBesides("a")).toBe("untold");
});
