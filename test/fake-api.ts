import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { PassThrough } from "node:stream";
import { systemClock } from "#clock.ts";
import { readConfig } from "#config.ts";
import { run } from "#cli/run.ts";
import { systemIds } from "#ids.ts";

type Route = (request: IncomingMessage, response: ServerResponse, call: number) => unknown;

/** An HTTP server that plays the API for what only the network can do; `routes` by `METHOD /path`, without query. */
export async function openFakeApi(routes: Record<string, Route>) {
  const calls: { route: string; url: string; headers: IncomingMessage["headers"] }[] = [];
  const server = createServer((request, response) => {
    const route = `${request.method} ${request.url?.split("?")[0]}`;
    const call = calls.push({ route, url: request.url ?? "", headers: request.headers });
    const play = routes[route];
    if (play) void play(request, response, calls.slice(0, call).filter((it) => it.route === route).length);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const url = `http://127.0.0.1:${address.port}`;
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return {
    url,
    calls,
    stderr,
    /** Runs one command line against this server; `keys` are typed on its terminal. @returns its exit status */
    run: (
      args: readonly string[],
      env: Record<string, string> = { ARCADIA_API_URL: url, ARCADIA_API_TOKEN: "arc_not_a_secret" },
      keys?: string,
    ) => {
      const terminal = keys === undefined ? {} : { isTTY: true };
      const stdin = Object.assign(new PassThrough(), terminal);
      if (keys !== undefined) stdin.write(keys);
      return run(args, {
        config: async () => readConfig({ ...env }),
        clock: systemClock,
        ids: systemIds(systemClock),
        stdin,
        stdout,
        stderr: Object.assign(stderr, terminal),
      });
    },
    stop,
    /** Ends the server. @returns what was printed */
    async close() {
      stop();
      stdout.end();
      stderr.end();
      return { stdout: await text(stdout), stderr: await text(stderr) };
    },
  };
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** A tenant, as the API shows it. */
export const acme = {
  id: "0199e000-0000-7000-8000-000000000002",
  slug: "acme",
  name: "Acme",
  hostnames: [],
  labels: {},
  quota: null,
  created_at: "2026-11-22T12:00:00.000Z",
  updated_at: "2026-11-22T12:00:00.000Z",
};
