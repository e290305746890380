import type { Answer } from "./call.ts";
import { problem } from "./call.ts";

/** What goes wrong with one request. Milliseconds. */
export type Lie =
  /** It is refused, and nothing is done. */
  | { readonly kind: "refusal"; readonly answer: Answer }
  /** The connection is cut: before anything is done, or after. */
  | { readonly kind: "cut"; readonly isDone: boolean }
  /** It is done, and the answer says that it is not. */
  | { readonly kind: "denial"; readonly answer: Answer }
  | { readonly kind: "slow"; readonly ms: number }
  /** The answer is as it should be, and nothing comes of it. */
  | { readonly kind: "lost" }
  /** The answer is an error, and it is done later. */
  | { readonly kind: "late"; readonly ms: number; readonly answer: Answer }
  /** It is done, and the answer tells of another's. */
  | { readonly kind: "another's" }
  /** What is there is not shown for a while. */
  | { readonly kind: "hidden"; readonly ms: number }
  /** The body ends in its middle. */
  | { readonly kind: "half" };

const html = (status: number, words: string): Answer => ({
  status,
  body: `<!DOCTYPE html><html><head><title>${words}</title></head><body><h1>${status} ${words}</h1></body></html>`,
});
const failures: readonly Answer[] = [
  problem(500, "server_error", "Server was unable to give you a response."),
  html(502, "Bad gateway"),
  problem(503, "service_unavailable", "Service is not available"),
  html(504, "Gateway time-out"),
];
const denials: readonly Answer[] = failures.toSpliced(2, 1);

/** The share of requests that a lie is told to, of those that change something. */
const ofChanges: readonly [share: number, lie: (draw: () => number) => Lie][] = [
  [0.015, (draw) => ({ kind: "refusal", answer: pick(failures, draw) })],
  [0.01, (draw) => ({ kind: "refusal", answer: pick([tryAgain], draw) })],
  [0.01, () => ({ kind: "cut", isDone: false })],
  [0.03, () => ({ kind: "cut", isDone: true })],
  [0.03, (draw) => ({ kind: "denial", answer: pick(denials, draw) })],
  [0.03, (draw) => ({ kind: "slow", ms: 500 + 6000 * draw() })],
  [0.004, () => ({ kind: "slow", ms: 40_000 })],
  [0.02, () => ({ kind: "lost" })],
  [0.02, (draw) => ({ kind: "late", ms: 500 + (draw() < 0.7 ? 4000 : 25_000) * draw(), answer: pick(denials, draw) })],
  [0.015, () => ({ kind: "another's" })],
  [0.005, () => ({ kind: "half" })],
  [0.0015, tooMany],
];

const ofReads: readonly [share: number, lie: (draw: () => number) => Lie][] = [
  [0.01, (draw) => ({ kind: "refusal", answer: pick(failures, draw) })],
  [0.006, () => ({ kind: "cut", isDone: false })],
  [0.015, (draw) => ({ kind: "slow", ms: 300 + 4000 * draw() })],
  [0.02, (draw) => ({ kind: "hidden", ms: draw() < 0.9 ? 6000 * draw() : 20_000 * draw() })],
  [0.008, () => ({ kind: "another's" })],
  [0.005, () => ({ kind: "half" })],
  [0.0005, tooMany],
];

const tryAgain: Answer = problem(422, "unprocessable_entity", "Something went wrong, please try again");

function tooMany(draw: () => number): Lie {
  const headers = { "retry-after": `${1 + Math.floor(2 * draw())}`, "ratelimit-remaining": "0" };
  return { kind: "refusal", answer: { ...problem(429, "too_many_requests", "API Rate limit exceeded."), headers } };
}

const pick = <T>(from: readonly T[], draw: () => number): T => from[Math.floor(draw() * from.length)] ?? from[0]!;

/** A clear yes, with id and values of a record that is not there, is believed: only later looks at the zone tell. */
const believed: ReadonlySet<string> = new Set(["POST domains/*/records", "PUT domains/*/records/*"]);
/** Whose account it is decides whether anything is asked at all: it is the one thing that is never lied about. */
const honest: ReadonlySet<string> = new Set(["GET account"]);

/** The lie that a request of this route is told, if any. */
export function lieTo(route: string, draw: () => number): Lie | undefined {
  if (honest.has(route)) return undefined;
  let point = draw();
  for (const [share, lieOf] of route.startsWith("GET ") ? ofReads : ofChanges) {
    if (point < share) {
      const lie = lieOf(draw);
      return lie.kind === "lost" && believed.has(route) ? undefined : lie;
    }
    point -= share;
  }
  return undefined;
}
