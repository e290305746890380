import type { Judgement } from "./judge.ts";
import { changeOf, type Mutant } from "./mutate.ts";

export type Judged = readonly [mutant: Mutant, judgement: Judgement];

/** `src/engine`; of the provider's client, which is further down, its own folder. */
export const directoryOf = (path: string): string =>
  path.startsWith("src/providers/") ? "src/providers/digitalocean" : path.split("/").slice(0, 2).join("/");

/** Killed of a hundred of those that type-check. */
export const shareOf = (judged: readonly Judged[]): number => {
  const killed = judged.filter(([, { result }]) => result === "killed").length;
  const survived = judged.filter(([, { result }]) => result === "survived").length;
  return killed + survived === 0 ? 100 : (100 * killed) / (killed + survived);
};

/** How many of each folder were killed, and by whom; then each that survived, and how to try it again. */
export function reportOf(judged: readonly Judged[]): string[] {
  const folders = [...Map.groupBy(judged, ([{ path }]) => directoryOf(path))].toSorted(([a], [b]) =>
    a.localeCompare(b),
  );
  const rows = [...folders, ["all", judged] as const].map(([folder, them]) => {
    const count = (wanted: Partial<Judgement>): number =>
      them.filter(([, { result, by }]) => result === (wanted.result ?? result) && by === (wanted.by ?? by)).length;
    const killers = ["unit tests", "trials", "system tests"].map((by) => count({ result: "killed", by }));
    const cells = [
      count({ result: "killed" }),
      ...killers,
      count({ result: "survived" }),
      count({ result: "invalid" }),
    ];
    return `| ${[folder, them.length, ...cells, `${shareOf(them).toFixed(0)} %`].join(" | ")} |`;
  });
  return [
    "| folder | mutants | killed | by unit tests | by trials | by system tests | survived | do not type-check | killed of those that do |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
    ...judged.flatMap(([mutant, { result, by }]) =>
      result === "survived"
        ? [
            `SURVIVED ${mutant.path}:${mutant.line} ${mutant.operator}: ${changeOf(mutant)} (asked: ${by})`,
            `  replay: npm run prove:mutants -- --only ${mutant.id}`,
          ]
        : [],
    ),
  ];
}
