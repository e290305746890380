import pg from "pg";
import type { Cluster } from "./cluster.ts";
import type { Postmaster } from "./postmaster.ts";

/** PostgreSQL: starting or recovering, shutting down; the system: its port closed in this instant. */
const passing = ["57P03", "57P01", "ECONNREFUSED", "ECONNRESET"];

/**
 * Makes sure that the server which was found is ours, on our data, and holds the database `arcadia`.
 * @returns false: not yet.
 * @throws when it turns our password down, or serves other data.
 */
export async function welcomes(address: URL, cluster: Cluster, found: Postmaster): Promise<boolean> {
  const url = Object.assign(new URL(address), { port: String(found.port), pathname: "/postgres" });
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ data: string; exists: boolean }>(
      `select current_setting('data_directory') as data,
        exists (select from pg_database where datname = 'arcadia') as exists`,
    );
    if (rows[0]?.data !== cluster.data) throw new Error(`Port ${found.port} is served from ${rows[0]?.data}.`);
    if (!rows[0].exists) await client.query("create database arcadia");
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && passing.includes(String(error.code))) return false;
    throw new Error(
      `The PostgreSQL that runs on ${cluster.data} (process ${found.pid}) did not let us in as its owner; ` +
        "it was left as it is. Stop it, or restore postgres-url, where its password is.",
      { cause: error },
    );
  } finally {
    await client.end();
  }
}
