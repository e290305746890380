import { readdirSync, readFileSync } from "node:fs";
import pg from "pg";

/** What a PostgreSQL server has used so far, all of its processes together. Linux only: it reads /proc. */
export interface PostgresCost {
  readonly cpuMs: number;
  readonly walBytes: number;
}

const ticksPerSecond = 100;

/** What one process has used so far, and what of it is resident. Linux only. proc_pid_stat(5), fields 14 and 15. */
export function processCost(pid: number): { cpuMs: number; megabytes: number } {
  const [user, system] = [11, 12].map((at) => Number(statOf(String(pid))?.[at]));
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { cpuMs: (((user ?? 0) + (system ?? 0)) * 1000) / ticksPerSecond, megabytes: Number(resident) / 1024 };
}

/** @param url of a superuser, who may read the server's own files */
export async function postgresCost(url: string): Promise<PostgresCost> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: string; wal: string }>(
      "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) pid, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') wal",
    );
    const postmaster = Number(rows[0]?.pid);
    return { cpuMs: cpuOf(postmaster), walBytes: Number(rows[0]?.wal) };
  } finally {
    await client.end();
  }
}

/** How many transactions a database has seen, this one not among them. @param url of it */
export async function transactionsOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_stat_force_next_flush()");
    const { rows } = await client.query<{ count: string }>(
      "select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()",
    );
    return Number(rows[0]?.count);
  } finally {
    await client.end();
  }
}

/** Its own time, that of the processes it has now, and that of those that have ended. proc_pid_stat(5). */
function cpuOf(postmaster: number): number {
  let ticks = 0;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = statOf(entry);
    if (fields === undefined) continue;
    const [parent = 0, user = 0, system = 0, userOfEnded = 0, systemOfEnded = 0] = [1, 11, 12, 13, 14].map((at) =>
      Number(fields[at]),
    );
    if (Number(entry) === postmaster) ticks += user + system + userOfEnded + systemOfEnded;
    else if (parent === postmaster) ticks += user + system;
  }
  return (ticks * 1000) / ticksPerSecond;
}

/** The fields after the program's name, which may hold anything; undefined once the process has gone. */
function statOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
