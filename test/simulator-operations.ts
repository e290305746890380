import { foreignFamilies, otherOperations } from "#simulator/not-simulated.ts";
import { routes } from "#simulator/routes.ts";

const [begin, end] = ["<!-- operations -->", "<!-- /operations -->"];
const methodsInOrder = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The simulator's README with its table of operations as the routes have them now. */
export function withOperations(readme: string): string {
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`The simulator's README has no ${begin} … ${end}`);
  return `${before}${begin}\n\n${table()}\n\n${end}${after}`;
}

function table(): string {
  const paths = new Map<string, { simulated: string[]; not: string[] }>();
  const add = (operation: string, which: "simulated" | "not"): void => {
    const [method = "", template = ""] = operation.split(" ");
    // The document and the routes may name a parameter differently.
    const path = template.replaceAll(/\{\w+\}/g, "{}");
    const row = paths.get(path) ?? { simulated: [], not: [] };
    row[which].push(method);
    paths.set(path, row);
  };
  for (const [method, template] of routes) add(`${method} ${template}`, "simulated");
  for (const operation of otherOperations) add(operation, "not");
  const rows = [...paths].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const total = routes.length + otherOperations.length;
  return [
    `${routes.length} of ${total} operations of these paths are simulated.`,
    "",
    "| path | simulated | 501 |",
    "| --- | --- | --- |",
    ...rows.map(([path, { simulated, not }]) => `| \`${path}\` | ${inOrder(simulated)} | ${inOrder(not)} |`),
    `| \`/v2/\` and ${foreignFamilies.map((family) => `\`${family}\``).join(", ")} | | all |`,
  ].join("\n");
}

const inOrder = (methods: readonly string[]): string =>
  methodsInOrder.filter((method) => methods.includes(method)).join(", ");
