import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { seenToItsEnd } from "#proof/end-state.ts";
import { historyOf } from "#proof/histories/history.ts";
import { runHistory } from "#proof/histories/run-history.ts";
import { type Ground, type Outcome, runTrial } from "#proof/matrix/run-trial.ts";
import { cleanRun, trialFrom } from "#proof/matrix/trial.ts";

/**
 * What trials and histories did when they were last recorded: `test/proof/recorded/`, a file for each scenario. Of an
 * undisturbed trial each request is told, of every one what it takes, and of what it came to a digest for each table.
 * Whatever changes what is sent, when, or what is written, told or logged, changes a line here, which is read in review.
 * `ARCADIA_WRITE_PROOF=1 npx vitest run test/proof/recorded.test.ts` records anew.
 */
export const fileOf = (saga: string): URL => new URL(`recorded/${saga.replaceAll(":", ".")}.txt`, import.meta.url);

/** By trial: its lines. */
export type Recorded = ReadonlyMap<string, readonly string[]>;

/** The name under which histories stand, by their seeds. */
export const ofHistories = "histories";

/** Nothing happens to it but that its last step fails. */
export const isUndisturbed = (trial: string): boolean => /^(?:fail@\S+)?$/.test(trial);

const heading = "# ";

export const textOf = (recorded: Recorded): string =>
  [...recorded].map(([trial, lines]) => `${[heading + (trial || cleanRun), ...lines].join("\n")}\n`).join("\n");

export async function recordedOf(saga: string): Promise<Recorded> {
  const text = await readFile(fileOf(saga), "utf8");
  return new Map(
    text.split(/^# /m).flatMap((part) => {
      const [name = "", ...lines] = part.trimEnd().split("\n");
      return name === "" ? [] : [[name === cleanRun ? "" : name, lines] as const];
    }),
  );
}

/** @returns what does not hold, and what is recorded of the trial */
export async function record(ground: Ground, saga: string, trial: string) {
  const seen = seenToItsEnd(ground);
  const outcome = await runTrial(seen.ground, saga, trialFrom(trial));
  const crossings = outcome.points.map(({ ms, step, port, what }) => `${ms} ${step} ${port} ${what}`);
  const all = new Map([["requests", outcome.calls.map(lineOf)], ["crossings", crossings], ...seen.end()]);
  const told = isUndisturbed(trial)
    ? [...(all.get("requests") ?? []).map(shortened), ...[...all].map(([name, lines]) => `${digestOf(lines)} ${name}`)]
    : [`${digestOf([...all.values()].flat())} all`];
  const missed = outcome.missed.map((it) => `${it} never happened`);
  return { broken: [...outcome.broken, ...missed], lines: [takes(outcome), ...told] };
}

/** @returns the same of the history of a seed */
export async function recordHistory(ground: Ground, seed: number) {
  const seen = seenToItsEnd(ground);
  const { broken, sagas, log } = await runHistory(seen.ground, historyOf(seed));
  return { broken, sagas, lines: [`${sagas} sagas`, `${digestOf([...log, ...[...seen.end().values()].flat()])} all`] };
}

/** Requests to the provider, statements, and virtual time from its saga's start to its end. */
function takes({ calls, points, seconds, status }: Outcome): string {
  const statements = points.filter(({ port }) => port === "sql").length;
  return `${calls.length} requests, ${statements} statements, ${seconds} s: ${status}`;
}

const lineOf = ({ ms, step, method, path, sent }: Outcome["calls"][number]): string =>
  `${(ms / 1000).toFixed(3).padStart(8)} ${step}: ${method} ${path}${sent}`;

/** Of an id the end, and nothing of pages: there is one. */
const shortened = (line: string): string =>
  line
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{8}(?=[\da-f]{4})/g, "…")
    .replaceAll(/[?&]page=1&per_page=200/g, "");

const digestOf = (lines: readonly string[]): string =>
  createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 8);
