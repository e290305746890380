import { parseSync } from "oxc-parser";

/** A node of the syntax tree, as far as the operators ask. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export const isNode = (it: unknown): it is Node =>
  typeof it === "object" && it !== null && "type" in it && typeof it.type === "string" && "start" in it;

export const nodesOf = (it: unknown): readonly Node[] => (Array.isArray(it) ? it.filter(isNode) : []);

/** What has a value too, among what is there for the types alone. */
const valued = new Set(["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"]);

/** Every node that runs, with what it stands in, the innermost first. @throws what does not parse */
export function eachNode(path: string, text: string, see: (node: Node, above: readonly Node[]) => void): void {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const visit = (it: unknown, above: readonly Node[]): void => {
    if (Array.isArray(it)) return it.forEach((each) => visit(each, above));
    if (!isNode(it) || (it.type.startsWith("TS") && !valued.has(it.type))) return;
    see(it, above);
    const within = [it, ...above];
    for (const value of Object.values(it)) visit(value, within);
  };
  visit(program, []);
}

/** Without the parentheses around it. */
export const bare = (node: Node): Node =>
  node.type === "ParenthesizedExpression" && isNode(node.expression) ? bare(node.expression) : node;

/** `where` of `query.where(…)`. */
export function methodOf(node: Node): { readonly name: string; readonly object: Node } | undefined {
  const callee = node.type === "CallExpression" && isNode(node.callee) ? node.callee : undefined;
  if (callee?.type !== "MemberExpression" || !isNode(callee.property) || !isNode(callee.object)) return undefined;
  return typeof callee.property.name === "string" ? { name: callee.property.name, object: callee.object } : undefined;
}

/** Whether nothing after it is come to. */
export function leaves(statement: unknown): boolean {
  if (!isNode(statement)) return false;
  if (statement.type === "BlockStatement") return leaves(nodesOf(statement.body).at(-1));
  return ["ReturnStatement", "ThrowStatement", "ContinueStatement", "BreakStatement"].includes(statement.type);
}

/** What arithmetic over literals comes to. */
export function constantOf(node: unknown): number | undefined {
  if (!isNode(node)) return undefined;
  const it = bare(node);
  if (it.type === "Literal") return typeof it.value === "number" ? it.value : undefined;
  if (it.type !== "BinaryExpression") return undefined;
  const [left, right] = [constantOf(it.left), constantOf(it.right)];
  if (left === undefined || right === undefined) return undefined;
  const results: Record<string, number> = {
    "*": left * right,
    "+": left + right,
    "-": left - right,
    "/": left / right,
  };
  return results[String(it.operator)];
}
