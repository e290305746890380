import { z } from "zod";
import { dnsModes } from "#api/adopt.ts";
import { hostname } from "#api/fields.ts";
import { UsageError } from "#cli/failure.ts";

const adoptee = z.object({
  provider_id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, "must be a droplet's id")
    .transform(Number),
  hostname,
  tenant: z.string().min(1, "must be a tenant's slug or id"),
  dns: z
    .enum(dnsModes)
    .or(z.literal("").transform(() => "keep" as const))
    .default("keep"),
});
export type Adoptee = z.output<typeof adoptee>;

/**
 * The droplets that a file in CSV names, a line each below a header; no value that is asked for needs quotes.
 * @throws {UsageError} that names every line which is wrong, before anything is sent
 */
export function adopteesOf(path: string, text: string): Adoptee[] {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, cells: line.split(",").map((cell) => unquoted(cell.trim())) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  const [header, ...rest] = lines;
  const columns = header?.cells ?? [];
  for (const needed of ["provider_id", "hostname", "tenant"])
    if (!columns.includes(needed)) throw new UsageError(`${path} has no column ${needed}; its first line names them`);
  const faults: string[] = [];
  const found = rest.flatMap(({ number, cells }) => {
    const row = adoptee.safeParse(Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? ""])));
    if (row.success) return [row.data];
    faults.push(...row.error.issues.map((issue) => `line ${number}: ${issue.path.join(".")} ${issue.message}`));
    return [];
  });
  const twice = found.find((row, at) => found.findIndex((it) => it.provider_id === row.provider_id) !== at);
  if (twice) faults.push(`droplet ${twice.provider_id} is named twice`);
  if (faults.length > 0) throw new UsageError(`${path}: ${faults.join("; ")}. Nothing was sent`);
  return found;
}

const unquoted = (cell: string): string => cell.replace(/^"(.*)"$/, "$1");
