import pg from "pg";
import { type Addresses, runtimeRole } from "./address.ts";
import type { Cluster } from "./cluster.ts";
import type { Postmaster } from "./postmaster.ts";

/** PostgreSQL: starting or recovering, shutting down; the system: its socket closed, or not there yet, in this instant. */
const passing = ["57P03", "57P01", "ECONNREFUSED", "ECONNRESET", "ENOENT"];

/**
 * Makes sure that the server which was found is ours, on our data, and holds the database `arcadia` and the role that
 * we run as, which is brought to what it may be and to the password of its address.
 * @returns false: not yet.
 * @throws when it turns our password down, or serves other data.
 */
export async function welcomes(addresses: Addresses, cluster: Cluster, found: Postmaster): Promise<boolean> {
  const url = Object.assign(new URL(addresses.owner), { pathname: "/postgres" });
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ data: string; exists: boolean }>(
      `select current_setting('data_directory') as data,
        exists (select from pg_database where datname = 'arcadia') as exists`,
    );
    if (rows[0]?.data !== cluster.data) throw new Error(`The socket is served from ${rows[0]?.data}.`);
    if (!rows[0].exists) await client.query("create database arcadia");
    await admit(client, addresses.runtime.password);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && passing.includes(String(error.code))) return false;
    throw new Error(
      `The PostgreSQL that runs on ${cluster.data} (process ${found.pid}) did not let us in as its owner; ` +
        "it was left as it is. Stop it, or restore postgres-owner-url, where its password is.",
      { cause: error },
    );
  } finally {
    await client.end();
  }
}

/** Whatever the role was allowed before, it is this now; what it may do with our tables, migrations say. */
async function admit(client: pg.Client, password: string): Promise<void> {
  const { rows } = await client.query<{ exists: boolean }>(
    "select exists (select from pg_roles where rolname = $1) as exists",
    [runtimeRole],
  );
  if (!rows[0]?.exists) await client.query(`create role ${runtimeRole}`);
  await client.query(
    `alter role ${runtimeRole} nosuperuser nocreatedb nocreaterole noreplication nobypassrls login
      password ${client.escapeLiteral(password)}`,
  );
  // It may set these for itself: a search path, or read-only, at every start from then on.
  await client.query(`alter role ${runtimeRole} reset all`);
  await client.query(`alter role ${runtimeRole} in database arcadia reset all`);
  const { rows: groups } = await client.query<{ name: string }>(
    "select roleid::regrole::text as name from pg_auth_members where member = $1::regrole",
    [runtimeRole],
  );
  for (const { name } of groups) await client.query(`revoke ${name} from ${runtimeRole}`);
  await client.query("revoke all on database arcadia, postgres, template1 from public");
  await client.query(`grant connect on database arcadia to ${runtimeRole}`);
}
