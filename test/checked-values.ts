import type pg from "pg";

/**
 * A text column whose check constraint lists its values, as a union of these: `status in ('up', 'down')`.
 * @returns TypeScript types by `table.column`.
 */
export async function checkedValues(pool: pg.Pool): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ name: string; definition: string; nullable: boolean; generated: boolean }>(`
    select c.relname || '.' || a.attname as name, pg_get_constraintdef(k.oid) as definition,
      not a.attnotnull as nullable, a.atthasdef as generated
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
    where k.contype = 'c' and c.relnamespace = 'public'::regnamespace and cardinality(k.conkey) = 1`);
  return new Map(
    rows.flatMap(({ name, definition, nullable, generated }) => {
      if (!definition.includes("= ANY (ARRAY[")) return [];
      const values = [...definition.matchAll(/'([^']+)'::text/g)].map((match) => JSON.stringify(match[1]));
      const union = [...values, ...(nullable ? ["null"] : [])].join(" | ");
      return [[name, generated ? `Generated<${union}>` : union] as const];
    }),
  );
}
