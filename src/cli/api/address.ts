import { readFile, stat } from "node:fs/promises";
import type { Config } from "#config.ts";
import { type Cli, say } from "#cli/cli.ts";
import { Failure, UsageError } from "#cli/failure.ts";
import { isLoopback } from "#setting.ts";

/** Where the API is, and who we are to it. */
export interface Address {
  readonly url: string;
  readonly token: string;
}

/**
 * From ARCADIA_API_URL and ARCADIA_API_TOKEN; without them the server of this configuration and its admin token.
 * The admin token of this machine, be it from ARCADIA_ADMIN_TOKEN or its file, is never sent to another one, and no token without
 * encryption, unless ARCADIA_API_ALLOW_HTTP says so.
 */
export async function findAddress(cli: Cli): Promise<Address> {
  const config = await cli.config();
  const url = (config.apiUrl ?? localUrl(config)).replace(/(?<!\/)\/+$/, "");
  // The server of this configuration runs here, whatever address it listens on.
  const isHere = config.apiUrl === undefined || isLoopback(url);
  if (url.startsWith("http:") && !isHere && !config.apiAllowHttp)
    throw new UsageError(
      `ARCADIA_API_URL is ${url}: the token would be sent unencrypted to another machine, so nothing was sent. Use https://, or ` +
        "set ARCADIA_API_ALLOW_HTTP=true where nobody on the way can read it, such as in a tunnel",
    );
  if (config.apiToken !== undefined) return { url, token: config.apiToken };
  if (!isHere && new URL(url).hostname !== config.host)
    throw new UsageError(`ARCADIA_API_URL is ${url}, another machine: set ARCADIA_API_TOKEN to a token of its own`);
  return { url, token: config.adminToken ?? (await readTokenFile(cli, config.adminTokenFile)) };
}

const everywhere: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

function localUrl({ host, port }: Config): string {
  const name = everywhere[host] ?? host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

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
