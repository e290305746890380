import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { createSecureContext, TLSSocket } from "node:tls";
import type { Clock } from "#clock.ts";
import type { Reached } from "./apps.ts";
import { selfSigned } from "./certificate.ts";

export interface Network {
  reach(address: string): Reached;
  readonly clock: Clock;
  /** Ends what is still being waited for. */
  readonly signal: AbortSignal;
}

/** As RFC 9209 has it: whoever asked can tell a droplet that refuses from one that is not there. */
const failures = {
  unroutable: [504, "destination_ip_unroutable"],
  refused: [502, "connection_refused"],
} as const;

/** In a target's authority: an IPv4 address and a port. */
const authority = /^(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})$/;
const absolute = /^http:\/\/(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?(?:\/|$)/;

/** Whether a request is for a proxy. */
export const isForProxy = (url: string | undefined): boolean => /^https?:\/\//i.test(url ?? "");

/**
 * The network of the simulated droplets, as an HTTP proxy: nothing else can reach their addresses, and it leads nowhere
 * else. An app answers at every port, with or without TLS.
 */
export function dropletNetwork(network: Network) {
  const targets = new WeakMap<Duplex, string>();
  let context: ReturnType<typeof createSecureContext> | undefined;

  const answer = async (reached: Reached, response: ServerResponse): Promise<void> => {
    if (typeof reached === "string") {
      const [status, error] = failures[reached];
      response.writeHead(status, { "proxy-status": `simulator; error=${error}` }).end();
      return;
    }
    if (reached.delayMs > 0) await network.clock.sleep(reached.delayMs, network.signal);
    response.writeHead(reached.status, { "content-type": "text/plain" }).end(reached.body);
  };
  const answering = (reached: Reached, response: ServerResponse): void =>
    void answer(reached, response).catch(() => response.destroy());

  /** What droplets serve over tunnels. */
  const inside: Server = createServer((request, response) => {
    const socket = request.socket;
    const reached = network.reach(targets.get(socket) ?? "");
    // One that fell silent since it was connected to.
    if (typeof reached === "string") socket.destroy();
    else answering(reached, response);
  });

  const secured = (socket: Duplex): TLSSocket => {
    context ??= createSecureContext(selfSigned());
    return new TLSSocket(socket, { isServer: true, secureContext: context });
  };

  return {
    /** An absolute-form request. */
    request(request: IncomingMessage, response: ServerResponse): void {
      const [, address = ""] = absolute.exec(request.url ?? "") ?? [];
      answering(network.reach(address), response);
    },
    /** CONNECT: a tunnel to a droplet's port. */
    connect(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      socket.on("error", () => socket.destroy());
      const [, address = ""] = authority.exec(request.url ?? "") ?? [];
      const reached = network.reach(address);
      if (typeof reached === "string") {
        const [status, error] = failures[reached];
        socket.end(`HTTP/1.1 ${status} Not reached\r\nProxy-Status: simulator; error=${error}\r\n\r\n`);
        return;
      }
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (head.length > 0) socket.unshift(head);
      socket.once("readable", () => {
        const first: Buffer | null = socket.read();
        if (first === null) return void socket.destroy();
        socket.unshift(first);
        // A TLS record that holds a handshake begins with 22; no method of HTTP does.
        const heard = first[0] === 22 ? secured(socket) : socket;
        heard.on("error", () => socket.destroy());
        targets.set(heard, address);
        inside.emit("connection", heard);
      });
    },
  };
}
