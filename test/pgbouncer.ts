import { spawn, spawnSync } from "node:child_process";
import { chown, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "./free-port.ts";
import { until } from "./stack.ts";

/** Whether Debian's package is there; where it is not, its tests say so and are skipped. */
export const hasPgbouncer = spawnSync("pgbouncer", ["--version"]).status === 0;

export interface Pgbouncer extends AsyncDisposable {
  /** Of the same database, through the pooler. */
  through(url: string): string;
}

/** A real pgbouncer in front of the server, as Debian's configuration has it: it refuses unknown startup parameters. */
export async function startPgbouncer(serverUrl: string, mode: "transaction" | "session"): Promise<Pgbouncer> {
  const directory = await mkdtemp(join(tmpdir(), "arcadia-pgbouncer-"));
  const server = new pg.Client({ connectionString: serverUrl });
  await server.connect();
  const { rows } = await server.query<{ data_directory: string }>("show data_directory");
  await server.end();
  // It does not run as root, and has to reach the server's socket.
  const { uid, gid } = await stat(rows[0]?.data_directory ?? "/");
  await chown(directory, uid, gid);
  const port = await freePort();
  const file = join(directory, "pgbouncer.ini");
  const { host, port: serverPort, user, password } = server;
  await writeFile(
    file,
    `[databases]
* = host=${host} port=${serverPort} user=${user} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = ${mode === "session" ? 20 : 5}
max_client_conn = 100
`,
  );
  await chown(file, uid, gid);
  const child = spawn("pgbouncer", ["-q", file], { uid, gid, cwd: "/", stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await until("pgbouncer to listen", () => listens(port), 10_000);
  return {
    through(url) {
      const { pathname } = new URL(url);
      return `postgres://somebody:x@127.0.0.1:${port}${pathname}`;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
