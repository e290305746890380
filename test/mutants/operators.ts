import { bare, constantOf, isNode, leaves, methodOf, type Node, nodesOf } from "./syntax.ts";
import { inStatement, near } from "./statements.ts";

/** In place of the text from `start` to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly to: string;
}

/** @returns what may be changed about this node; nothing about most */
export type Operator = (node: Node, above: readonly Node[], text: string) => readonly Edit[];

const source = (node: Node, text: string): string => text.slice(node.start, node.end);
const replace = ({ start, end }: Node, ...by: readonly string[]): Edit[] => by.map((to) => ({ start, end, to }));
/** The operator between two operands, wherever its line breaks are. */
function between(node: Node, text: string, to: string): Edit[] {
  if (!isNode(node.left) || !isNode(node.right)) return [];
  const from = String(node.operator);
  const start = text.indexOf(from, node.left.end);
  return start < 0 || start > node.right.start ? [] : [{ start, end: start + from.length, to }];
}

const flipped: Record<string, string> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };
const opposite: Record<string, string> = { "===": "!==", "!==": "===" };
const narrows = new Set(["where", "whereRef", "andWhere", "having", "on", "onRef", "filter"]);
const lists = new Set(["map", "flatMap", "filter", "toSorted", "toReversed", "slice", "concat"]);

/** In place of a statement; `;` alone may not stand after an `if`. */
export const nothing = "{}";

/** Each is one way to forget, or to mistake, what a rule asks for. */
export const operators = {
  /** A fence: an `if` that leaves. */
  "drop-guard": (node) =>
    node.type === "IfStatement" && node.alternate === null && leaves(node.consequent) ? replace(node, nothing) : [],

  /** A condition of a query, or of a list. */
  "drop-where": (node) => {
    const method = methodOf(node);
    return method && narrows.has(method.name) ? [{ start: method.object.end, end: node.end, to: "" }] : [];
  },

  "drop-await": (node) =>
    node.type === "ExpressionStatement" && isNode(node.expression) && node.expression.type === "AwaitExpression"
      ? replace(node, nothing)
      : [],

  negate: (node, _, text) => {
    if (node.type === "BinaryExpression") {
      const to = opposite[String(node.operator)];
      return to ? between(node, text, to) : [];
    }
    if (node.type === "UnaryExpression" && node.operator === "!" && isNode(node.argument))
      return replace(node, source(node.argument, text));
    // Where it is a comparison or a negation itself, it is turned round there.
    const test =
      ["IfStatement", "ConditionalExpression"].includes(node.type) && isNode(node.test) ? node.test : undefined;
    if (!test || ["BinaryExpression", "UnaryExpression", "LogicalExpression"].includes(bare(test).type)) return [];
    return replace(test, `!(${source(test, text)})`);
  },

  force: (node) => {
    if (!isNode(node.test)) return [];
    if (node.type === "ConditionalExpression") return replace(node.test, "true", "false");
    if (node.type !== "IfStatement") return [];
    // `false` is what drop-guard does.
    return replace(node.test, "true", ...(node.alternate === null && leaves(node.consequent) ? [] : ["false"]));
  },

  "shift-comparison": (node, _, text) => {
    const to = node.type === "BinaryExpression" ? flipped[String(node.operator)] : undefined;
    if (to) return between(node, text, to);
    const [, sign] = methodOf(node) && narrows.has(methodOf(node)?.name ?? "") ? nodesOf(node.arguments) : [];
    const signTo = sign?.type === "Literal" ? flipped[String(sign.value)] : undefined;
    return sign && signTo ? replace(sign, `"${signTo}"`) : [];
  },

  /** A window or a limit twice as long, and none. */
  "shift-window": (node, [parent], text) => {
    const value = constantOf(node);
    if (value !== undefined) {
      const isPart = isNode(parent) && (constantOf(parent) !== undefined || parent.type === "ParenthesizedExpression");
      const isName = isNode(parent) && (parent.type === "MemberExpression" || opposite[String(parent.operator)]);
      return value < 2 || isPart || isName ? [] : replace(node, `(2 * (${source(node, text)}))`, "0");
    }
    const isAfter = node.type === "CallExpression" && isNode(node.callee) && node.callee.name === "after";
    const [from, ms] = isAfter ? nodesOf(node.arguments) : [];
    if (!from || !ms || constantOf(ms) !== undefined) return [];
    return [...replace(node, `(${source(from, text)})`), ...replace(ms, `2 * (${source(ms, text)})`)];
  },

  /** What is named alike, or means another moment of the same thing. */
  "swap-names": (node, [parent]) => {
    const isProperty = parent?.type === "MemberExpression" && parent.property === node && parent.computed === false;
    if (node.type === "Identifier" && isProperty) return replace(node, ...near(String(node.name)));
    if (
      node.type === "Identifier" &&
      node.name === "now" &&
      parent?.type === "CallExpression" &&
      parent.callee !== node
    )
      return replace(node, "new Date(0)");
    if (node.type !== "Literal" || typeof node.value !== "string") return [];
    return replace(node, ...near(node.value).map((name) => `"${name}"`));
  },

  "forget-key": (node, above, text) => {
    if (node.type !== "Property") return [];
    const [object, call] = above;
    const written = call && ["set", "values", "doUpdateSet"].includes(methodOf(call)?.name ?? "");
    if (!written || object?.type !== "ObjectExpression") return [];
    const comma = /^\s*,/.exec(text.slice(node.end))?.[0].length ?? 0;
    return [{ start: node.start, end: node.end + comma, to: "" }];
  },

  "swap-logic": (node, _, text) => {
    const to = node.type === "LogicalExpression" ? { "&&": "||", "||": "&&" }[String(node.operator)] : undefined;
    return to ? between(node, text, to) : [];
  },

  "empty-array": (node, [parent]) => {
    const isResult =
      (parent?.type === "ReturnStatement" && parent.argument === node) ||
      (parent?.type === "ArrowFunctionExpression" && parent.body === node);
    const isList =
      (node.type === "ArrayExpression" && nodesOf(node.elements).length > 0) || lists.has(methodOf(node)?.name ?? "");
    return isResult && isList ? replace(node, "[]") : [];
  },

  /** The same in what is written in SQL. */
  "in-sql": inStatement,
} as const satisfies Readonly<Record<string, Operator>>;
