import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Duplex } from "node:stream";
import { systemClock } from "#clock.ts";
import { dropletNetwork, isForProxy } from "./droplet-network.ts";
import { jsonAnswer, type Outcome, type SimulatorRequest } from "./exchange.ts";
import { answeredHosts, urlOf } from "./hosts.ts";
import type { SimulatorOptions } from "./options.ts";
import { maxBodyBytes } from "./request-body.ts";
import { createSimulator, type Simulator } from "./simulator.ts";

export type { SimulatorOptions } from "./options.ts";

export interface RunningSimulator extends Simulator {
  /** How this machine reaches it, as `http://127.0.0.1:4010`, without a slash at the end. */
  url: string;
  port: number;
  /** Stops listening and cuts what is still open. */
  close(): Promise<void>;
}

/**
 * Serves a simulator, on 127.0.0.1 unless told otherwise. Throws when the address cannot be listened on, the
 * certificate or key is of no use, or the state file cannot be read.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const simulator = createSimulator(options);
  // Its account exists from now on, also if nothing is ever made in it.
  await simulator.save();
  const closing = new AbortController();
  const { host = "127.0.0.1", port = 0, publicUrl, tls } = options;
  const isAnswered = answeredHosts({ host, publicUrl });
  const clock = options.clock ?? systemClock;
  const network = dropletNetwork({ reach: simulator.reach, clock, signal: closing.signal });
  const server = serverOf(tls, (request, response) => {
    if (isForProxy(request.url)) return network.request(request, response);
    serve(simulator, isAnswered, request, response, closing.signal).catch((error: unknown) => {
      options.log?.error({ err: error }, "simulator: request cut");
      request.socket.destroy();
    });
  });
  const tunnels = new Set<Duplex>();
  server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    tunnels.add(socket);
    socket.once("close", () => tunnels.delete(socket));
    network.connect(request, socket, head);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new Error(`The simulator cannot listen on ${host}, port ${port}`, { cause })),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The simulator listens on no TCP port");
  return {
    ...simulator,
    url: urlOf(tls ? "https" : "http", host, address.port),
    port: address.port,
    async close() {
      closing.abort();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const tunnel of tunnels) tunnel.destroy();
      });
    },
  };
}

function serverOf(tls: SimulatorOptions["tls"], listener: RequestListener): Server {
  if (!tls) return createServer(listener);
  try {
    return createTlsServer(tls, listener);
  } catch (cause) {
    throw new Error("The TLS certificate and key are no pair in PEM that can be used; nothing was started", { cause });
  }
}

async function serve(
  simulator: Simulator,
  isAnswered: (host: string | undefined) => boolean,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const stranger = refuseStranger(request, isAnswered);
  const outcome = stranger ?? (await simulator.handle(await readRequest(request), signal));
  if (outcome === "hang") return;
  if (outcome === "reset") request.socket.resetAndDestroy();
  else send(response, outcome);
}

/** A page in a browser must not reach the simulator, not even by a name that resolves to this machine. */
function refuseStranger(
  request: IncomingMessage,
  isAnswered: (host: string | undefined) => boolean,
): Outcome | undefined {
  if (!isAnswered(request.headers.host))
    return jsonAnswer(421, {
      id: "misdirected_request",
      message: "The simulator answers to loopback names and the host of its --public-url only.",
    });
  if (request.headers.origin !== undefined)
    return jsonAnswer(403, { id: "forbidden", message: "The simulator does not answer to web pages." });
  return undefined;
}

async function readRequest(request: IncomingMessage): Promise<SimulatorRequest> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    // One byte too many is enough for the 413; the rest is read and dropped.
    if (length <= maxBodyBytes) chunks.push(chunk);
    length += chunk.length;
  }
  const [path = "/", ...query] = (request.url ?? "/").split("?");
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
  return {
    method: request.method ?? "GET",
    path,
    query: new URLSearchParams(query.join("?")),
    headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function send(response: ServerResponse, { status, headers, body }: Exclude<Outcome, "hang" | "reset">): void {
  response.writeHead(status, status === 204 ? headers : { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(status === 204 || status === 304 ? undefined : body);
}
