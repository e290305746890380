import { readFile, stat } from "node:fs/promises";
import type { Config } from "#config.ts";
import { type Cli, say } from "#cli/cli.ts";
import { Failure, UsageError } from "#cli/failure.ts";

/** Where the API is, and who we are to it. */
export interface Address {
  readonly url: string;
  readonly token: string;
}

/**
 * From ARCADIA_API_URL and ARCADIA_API_TOKEN; without them the server of this configuration and its admin token.
 * The admin token of this machine, be it from ARCADIA_ADMIN_TOKEN or its file, is never sent to another one.
 */
export async function findAddress(cli: Cli): Promise<Address> {
  const config = await cli.config();
  const url = (config.apiUrl ?? localUrl(config)).replace(/(?<!\/)\/+$/, "");
  if (config.apiToken !== undefined) return { url, token: config.apiToken };
  if (!isLocal(new URL(url).hostname, config))
    throw new UsageError(`ARCADIA_API_URL is ${url}, another machine: set ARCADIA_API_TOKEN to a token of its own`);
  return { url, token: config.adminToken ?? (await readTokenFile(cli, config.adminTokenFile)) };
}

const everywhere: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

function localUrl({ host, port }: Config): string {
  const name = everywhere[host] ?? host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

const isLocal = (hostname: string, config: Config): boolean =>
  ["localhost", "127.0.0.1", "[::1]", config.host].includes(hostname);

async function readTokenFile(cli: Cli, path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0)
      say(cli.stderr, `arcadia: warning: others can read the admin token: run chmod 600 ${path}, or revoke it`);
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    throw new Failure(
      `There is no token: ${path} could not be read. The server writes it at its first start (npm start); ` +
        `a server elsewhere needs ARCADIA_API_URL and ARCADIA_API_TOKEN, another data directory ARCADIA_DATA_DIR`,
      { cause },
    );
  }
}
