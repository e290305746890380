import type { Edit, Operator } from "./operators.ts";

/** Names that somebody in a hurry takes for each other; where the types tell them apart, the mutant is thrown away. */
const pairs = [
  ["begun_at", "finished_at"],
  ["started_at", "finished_at"],
  ["startedAt", "deadline"],
  ["begunAt", "seenAt"],
  ["created_at", "answered_at"],
  ["not_after", "answered_at"],
  ["deleted_at", "answered_at"],
  ["deadline_at", "retry_at"],
  ["due_at", "deadline_at"],
  ["undo_after", "retry_at"],
  ["recheck_at", "deleted_at"],
  ["blocked_until", "probe_at"],
  ["remaining_at", "share_at"],
  ["seen_at", "gone_at"],
  ["poll", "settle"],
  ["forward", "back"],
  ["sending", "removing"],
  ["gone", "left"],
  ["saga_id", "deployment_id"],
] as const;

const nearNames: ReadonlyMap<string, readonly string[]> = new Map(
  [...new Set(pairs.flat())].map((name) => [
    name,
    pairs.flatMap(([one, other]) => (name === one ? [other] : name === other ? [one] : [])),
  ]),
);

/** What somebody in a hurry takes this name for. */
export const near = (name: string): readonly string[] => nearNames.get(name) ?? [];

const isSql = /\b(select|update|insert into|delete from|where|returning|case when)\b/;
const ways: readonly (readonly [RegExp, (found: string) => string])[] = [
  // A condition, up to what follows it; one with a parameter in the middle of a template is left alone.
  [/ and [a-z_."][^()`${}]*?(?:\$\d+[^()`${}]*?)?(?= and | for | order | returning | limit |\n|[)"'`]|$)/g, () => ""],
  [/ where (?=.* and )/g, () => " where true or "],
  [/ (?:<=?|>=?) /g, (sign) => ({ " < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > " })[sign] ?? sign],
  [/ is not null/g, () => " is null"],
  [/ is null/g, () => " is not null"],
];

/** Changes of the SQL in strings and templates. */
export const inStatement: Operator = (node, _, text) => {
  const isText = node.type === "TemplateElement" || (node.type === "Literal" && typeof node.value === "string");
  if (!isText) return [];
  const sql = text.slice(node.start, node.end);
  if (!isSql.test(sql)) return [];
  const edit = (index: number, length: number, to: string): Edit => ({
    start: node.start + index,
    end: node.start + index + length,
    to,
  });
  const changes = ways.flatMap(([pattern, by]) =>
    [...sql.matchAll(pattern)].map(({ 0: found, index }) => edit(index, found.length, by(found))),
  );
  const names = [...sql.matchAll(/\b[a-z]+_(?:at|after|until)\b/g)].flatMap(({ 0: found, index }) =>
    near(found).map((name) => edit(index, found.length, name)),
  );
  return [...changes, ...names];
};
