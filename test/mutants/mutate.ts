import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { random, shuffled } from "#proof/stage/random.ts";
import { type Edit, nothing, type Operator, operators } from "./operators.ts";
import { eachNode, isNode, type Node } from "./syntax.ts";

/** One change of one file. */
export interface Mutant extends Edit {
  /** `src/engine/decide.ts:12:5:negate`, and `-2` where an operator does more than one thing there. As `--only` takes it. */
  readonly id: string;
  readonly path: string;
  readonly line: number;
  readonly operator: string;
  /** What is replaced. */
  readonly from: string;
}

/** The rules' code: what decides, not what describes. */
export const rulesCode = [
  "src/engine/**/*.ts",
  "src/resources/**/*.ts",
  "src/sagas/**/*.ts",
  "src/fleet/**/*.ts",
  "src/providers/digitalocean/{budget,store,rate-limit-headers}.ts",
];

/** What is only said in the log: no rule is about it. */
const isLogged = (above: readonly Node[], text: string): boolean =>
  above.some(
    (it) =>
      it.type === "CallExpression" &&
      isNode(it.callee) &&
      /\blog(?:\.\w+|\[\w+\])$/.test(text.slice(it.callee.start, it.callee.end)),
  );

/** Every mutant of a file, in the order of its text. */
export function mutantsOf(path: string, text: string): Mutant[] {
  const found: Mutant[] = [];
  const known = new Set<string>();
  eachNode(path, text, (node, above) => {
    if (isLogged(above, text)) return;
    for (const [operator, change] of Object.entries<Operator>(operators)) {
      for (const edit of change(node, above, text)) {
        const key = `${edit.start} ${edit.end} ${edit.to}`;
        const from = text.slice(edit.start, edit.end);
        if (known.has(key) || from === edit.to) continue;
        known.add(key);
        found.push({ ...edit, path, operator, from, ...placeOf(path, text, edit, operator, found) });
      }
    }
  });
  return found.toSorted((a, b) => a.start - b.start || a.id.localeCompare(b.id));
}

function placeOf(path: string, text: string, { start }: Edit, operator: string, before: readonly Mutant[]) {
  const lines = text.slice(0, start).split("\n");
  const id = `${path}:${lines.length}:${(lines.at(-1) ?? "").length + 1}:${operator}`;
  const same = before.filter((it) => it.id === id || it.id.startsWith(`${id}-`)).length;
  return { line: lines.length, id: same === 0 ? id : `${id}-${same + 1}` };
}

export const applied = (text: string, { start, end, to }: Edit): string => text.slice(0, start) + to + text.slice(end);

/** All mutants of the rules' code in this checkout. */
export async function allMutants(root: string): Promise<Mutant[]> {
  const paths: string[] = [];
  for await (const path of glob(rulesCode, { cwd: root })) if (!/\.(test|types)\.ts$/.test(path)) paths.push(path);
  const texts = paths.toSorted().map(async (path) => mutantsOf(path, await readFile(join(root, path), "utf8")));
  return (await Promise.all(texts)).flat();
}

/** Those of a folder, a file, a line, or one by its id. */
export const among = (all: readonly Mutant[], only: string): Mutant[] =>
  all.filter(({ id }) => id === only || id.startsWith(`${only}/`) || id.startsWith(`${only}:`));

/** A share of them, the same for the same seed; a larger share has the smaller one in it. */
export const sampleOf = (all: readonly Mutant[], size: number, seed: number): Mutant[] =>
  shuffled(all, random(seed)).slice(0, size);

const short = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 70 ? `${line.slice(0, 67)}…` : line;
};

/** As a person reads it. */
export const changeOf = ({ from, to }: Edit & Pick<Mutant, "from">): string =>
  to.trim() === "" || to === nothing ? `without \`${short(from)}\`` : `\`${short(from)}\` is \`${short(to)}\``;
