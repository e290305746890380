import { applied, type Mutant } from "./mutate.ts";
import { nothing } from "./operators.ts";
import { bare, eachNode, isNode, type Node } from "./syntax.ts";

/** A mutant and its number in the program that all of them are in. */
export type Numbered = readonly [number: number, mutant: Mutant];

const functions = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
const expressions = new Set([
  "ArrayExpression",
  "ArrowFunctionExpression",
  "AssignmentExpression",
  "AwaitExpression",
  "BinaryExpression",
  "CallExpression",
  "ChainExpression",
  "ConditionalExpression",
  "Identifier",
  "Literal",
  "LogicalExpression",
  "MemberExpression",
  "NewExpression",
  "ObjectExpression",
  "ParenthesizedExpression",
  "SequenceExpression",
  "TaggedTemplateExpression",
  "TemplateLiteral",
  "UnaryExpression",
]);
const links = new Set(["CallExpression", "MemberExpression", "TSNonNullExpression"]);
const patterns = new Set(["ArrayPattern", "AssignmentPattern", "ObjectPattern", "RestElement"]);

/** Whether another expression may stand there in place of this one, chosen while the program runs. */
function mayBeChosen(node: Node, [parent, above]: readonly Node[]): boolean {
  if (!expressions.has(node.type) || !isNode(parent)) return false;
  if (patterns.has(parent.type) && parent.right !== node) return false;
  // `a?.b.c` is one; what it is called on would lose its `this`.
  if (parent.callee === node || parent.tag === node || parent.quasi === node) return false;
  if (links.has(node.type) && (parent.type === "ChainExpression" || (links.has(parent.type) && isLinked(node, parent))))
    return false;
  if (parent.type === "AssignmentExpression" && parent.left === node) return false;
  if (parent.type === "UpdateExpression" || parent.operator === "delete") return false;
  if (["ForInStatement", "ForOfStatement"].includes(parent.type) && parent.left === node) return false;
  if (parent.type === "Property")
    return parent.value === node && parent.shorthand !== true && !(isNode(above) && patterns.has(above.type));
  if (parent.property === node || parent.key === node || parent.label === node) return parent.computed === true;
  return !/^(?:Import|Export)(?!Expression|DefaultDeclaration)/.test(parent.type);
}

const isLinked = (node: Node, parent: Node): boolean => parent.object === node || parent.expression === node;

/** What is chosen at one place. */
interface Choice {
  readonly node: Node;
  readonly isStatement: boolean;
  readonly mutants: Numbered[];
  /** Whether it does nothing but tell a value: then it can be asked what it would tell, and does not. */
  readonly isPlain: boolean;
  /** Guards that are left out: as if their condition, which is chosen here, were false. */
  readonly guards: number[];
}

/** Of these it is known what they would have told: who comes by without another value cannot see them. */
const compared = new Set(["force", "shift-comparison", "swap-logic"]);
const acts = new Set([
  "AwaitExpression",
  "CallExpression",
  "NewExpression",
  "AssignmentExpression",
  "UpdateExpression",
]);

/**
 * The text of a file with all of its mutants in it: `__mutant(n)` is asked wherever the n-th differs, and none is in effect where it
 * is true of none. `__saw` is told a value, and what mutants would have told in its place.
 */
export function schemataOf(path: string, text: string, mutants: readonly Numbered[]): string {
  const innermost = new Map<Numbered, Choice>();
  const choices = new Map<Node, Choice>();
  const acting: Node[] = [];
  eachNode(path, text, (node) => void (acts.has(node.type) && acting.push(node)));
  eachNode(path, text, (node, above) => {
    const isWhole = node.type === "IfStatement" || node.type === "ExpressionStatement";
    if (!isWhole && !mayBeChosen(node, above)) return;
    for (const it of mutants) {
      const [, { start, end, to }] = it;
      if (start < node.start || end > node.end) continue;
      if (isWhole && !(start === node.start && end === node.end && to === nothing)) continue;
      const isPlain = !acting.some((act) => node.start <= act.start && act.end <= node.end);
      const choice = choices.get(node) ?? { node, isStatement: isWhole, mutants: [], isPlain, guards: [] };
      choices.set(node, choice);
      innermost.set(it, choice);
    }
  });
  for (const it of mutants) {
    const choice = innermost.get(it);
    if (!choice) throw new Error(`There is no place at which ${it[1].id} can be chosen`);
    choice.mutants.push(it);
    const { node } = choice;
    const condition = isNode(node.test) ? choices.get(node.test) : undefined;
    if (choice.isStatement && node.type === "IfStatement") condition?.guards.push(it[0]);
  }
  const sorted = [...choices.values()]
    .filter((it) => it.mutants.length > 0)
    .toSorted((a, b) => a.node.start - b.node.start || b.node.end - a.node.end);
  return between(text, 0, text.length, sorted);
}

/** The text from `start` to `end` with the choices in it, the outer before the inner. */
function between(text: string, start: number, end: number, choices: readonly Choice[]): string {
  const [first, ...rest] = choices;
  if (!first) return text.slice(start, end);
  const { node, isStatement, mutants } = first;
  const inner = rest.filter((it) => it.node.start < node.end);
  const after = rest.filter((it) => it.node.start >= node.end);
  const original = between(text, node.start, node.end, inner);
  const chosen = isStatement ? chosenStatement(original, mutants) : chosenValue(text, original, first);
  return text.slice(start, node.start) + chosen + between(text, node.end, end, after);
}

const chosenStatement = (original: string, mutants: readonly Numbered[]): string =>
  mutants
    .map(([number, { operator }]) => `{if(__mutant(${number}${operator === "drop-guard" ? ",true" : ""})){}else `)
    .join("") +
  original +
  "}".repeat(mutants.length);

function chosenValue(text: string, original: string, { node, mutants, isPlain, guards }: Choice): string {
  const isCompared = ([, { operator, to }]: Numbered): boolean =>
    compared.has(operator) && (isPlain || to === "true" || to === "false");
  const ways = mutants.map((it) => {
    const [number, mutant] = it;
    return `__mutant(${number}${isCompared(it) ? ",true" : ""})?(${changed(text, node, mutant)}):`;
  });
  const told = [
    ...mutants.filter(isCompared).map(([number, it]) => `[${number},()=>(${changed(text, node, it)})]`),
    ...guards.map((number) => `[${number},()=>false]`),
  ];
  return `(${ways.join("")}${told.length > 0 ? `__saw((${original}),[${told.join(",")}])` : `(${original})`})`;
}

const changed = (text: string, { start, end }: Node, mutant: Mutant): string =>
  applied(text, mutant).slice(start, end + mutant.to.length - (mutant.end - mutant.start));

/** Those that are asked for when the program starts only: they stand outside of all functions. */
export function staticOf(path: string, text: string, mutants: readonly Mutant[]): ReadonlySet<string> {
  const within: Node[] = [];
  eachNode(path, text, (node) => void (functions.has(bare(node).type) && within.push(node)));
  const isWithin = ({ start, end }: Mutant): boolean => within.some((it) => it.start <= start && end <= it.end);
  return new Set(mutants.filter((it) => !isWithin(it)).map(({ id }) => id));
}
