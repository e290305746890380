import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock } from "#clock.ts";
import { isPublic } from "#public-address.ts";
import { outsideText } from "#well-formed.ts";
import type { Question } from "./check.ts";

export interface Target {
  /** The droplet's own public IPv4 address, or a reserved one of ours that leads to it. */
  readonly address: string;
  /** What it is asked for: as Host, and as SNI. */
  readonly hostname: string;
}

/**
 * What came back: an answer as wanted, another one, or nothing that only the droplet can have said. `said` is for people.
 */
export interface Answer {
  readonly kind: "healthy" | "unhealthy" | "silent";
  readonly said: string;
}

export type Ask = (
  question: Question,
  target: Target,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
) => Promise<Answer>;

/** A status line is short; what is longer is none. */
const longestHead = 4096;
const firstLine = /\n/;
const wholeHead = /\r?\n\r?\n/;
const statusLine = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r?\n/;
/** Set aside for tests of networks (RFC 2544) and for examples (RFC 5737): reached by nothing but a proxy that knows it, as the simulator is. */
const testNetwork = /^(?:198\.1[89]|203\.0\.113)\./;

/**
 * Asks a droplet one question over a connection of its own, and closes it after the status line: no redirect is followed,
 * and no certificate is judged, since one that ran out is not what the app's health is. With a proxy, through its CONNECT,
 * so that Host stays the hostname.
 */
export function createAsk({ clock, proxy }: { readonly clock: Clock; readonly proxy: URL | undefined }): Ask {
  return async (question, target, { timeoutMs, signal }) => {
    const { address } = target;
    if (!isPublic(address) && !(proxy && testNetwork.test(address)))
      return { kind: "silent", said: `${address} is no public address; it is not asked` };
    const late = clock.timeout(timeoutMs);
    try {
      return await exchange(question, target, proxy, AbortSignal.any([late, signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (late.aborted) return { kind: "silent", said: `no answer within ${timeoutMs / 1000} s` };
      return failed(error);
    }
  };
}

async function exchange(question: Question, target: Target, proxy: URL | undefined, signal: AbortSignal) {
  const { protocol, port } = question;
  await using road = proxy
    ? await through(proxy, `${target.address}:${port}`, signal)
    : open(target.address, port, signal);
  if (!proxy) await road.connected;
  if (protocol === "tcp") return { kind: "healthy", said: `port ${port} takes connections` } as const;
  await using end = protocol === "https" ? secured(road.socket, target.hostname, signal) : held(road.socket, signal);
  await end.connected;
  const host = port === (protocol === "https" ? 443 : 80) ? target.hostname : `${target.hostname}:${port}`;
  end.socket.write(
    `GET ${question.path ?? "/"} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: arcadia-health\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  );
  const head = await end.read(firstLine);
  // Cut without a word: nobody knows by whom.
  if (head === "") throw new Error("the connection was closed");
  return judged(statusOf(head), question.expect ?? "200-299");
}

function judged(status: number | undefined, expect: string): Answer {
  if (status === undefined) return { kind: "unhealthy", said: "an answer that is no HTTP" };
  const [from = 0, to = from] = expect.split("-").map(Number);
  const isWanted = status >= from && status <= to;
  return { kind: isWanted ? "healthy" : "unhealthy", said: `${status}${isWanted ? "" : `, not ${expect}`}` };
}

function statusOf(head: string): number | undefined {
  const [, status] = statusLine.exec(head) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** A proxy says what it met instead of the droplet. */
class ProxyRefused extends Error {
  readonly refused: boolean;

  constructor(status: number | undefined, reason: string | undefined) {
    super(`the probe proxy answers ${status ?? "no HTTP"}${reason === undefined ? "" : `: ${reason}`}`);
    this.refused = reason === "connection_refused";
  }
}

/** A refused connection is the host's own word; anything else may come from anywhere on the way. */
function failed(error: unknown): Answer {
  if (error instanceof ProxyRefused) {
    if (!error.refused) return { kind: "silent", said: outsideText(error.message) };
    return { kind: "unhealthy", said: "the connection is refused" };
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === "ECONNREFUSED") return { kind: "unhealthy", said: "the connection is refused" };
  const said = code ?? (error instanceof Error ? error.message : String(error));
  return { kind: "silent", said: outsideText(`no answer: ${said}`) };
}

interface Road extends AsyncDisposable {
  readonly socket: Socket;
  readonly connected: Promise<void>;
  /** What comes, until this is there, it is too long, or the other side ends it. */
  read(until: RegExp): Promise<string>;
}

const open = (host: string, port: number, signal: AbortSignal): Road => held(connect({ host, port, signal }), signal);

async function through(proxy: URL, authority: string, signal: AbortSignal): Promise<Road> {
  const host = proxy.hostname.replace(/^\[|\]$/g, "");
  const road = open(host, Number(proxy.port) || 80, signal);
  try {
    await road.connected;
    road.socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    const head = await road.read(wholeHead);
    const status = statusOf(head);
    if (status === undefined || status < 200 || status > 299)
      throw new ProxyRefused(status, /^proxy-status:[^\r\n]*error=([a-z_]{1,50})/im.exec(head)?.[1]);
    return road;
  } catch (error) {
    await road[Symbol.asyncDispose]();
    throw error;
  }
}

const secured = (socket: Socket, servername: string, signal: AbortSignal): Road =>
  held(connectTls({ socket, servername, rejectUnauthorized: false }), signal, "secureConnect");

/** The socket with an end: it is destroyed when it is let go, or the signal aborts. */
function held(socket: Socket, signal: AbortSignal, ready = "connect"): Road {
  const cut = (): void => void socket.destroy(new Error("the time is over"));
  signal.addEventListener("abort", cut, { once: true });
  if (signal.aborted) cut();
  const ended = new Promise<never>((_, reject) => {
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the connection was closed")));
  });
  ended.catch(() => undefined);
  const isReady = ready === "connect" && !socket.connecting && !socket.pending;
  const connected = isReady ? Promise.resolve() : new Promise<void>((resolve) => socket.once(ready, () => resolve()));
  const read = (until: RegExp): Promise<string> =>
    new Promise((resolve) => {
      let text = "";
      const more = (chunk: Buffer): void => {
        text += chunk.toString("latin1");
        if (!until.test(text) && text.length < longestHead) return;
        socket.off("data", more);
        socket.pause();
        resolve(text);
      };
      socket.on("data", more);
      socket.resume();
      socket.once("end", () => resolve(text));
    });
  return {
    socket,
    connected: Promise.race([connected, ended]),
    read: (until) => Promise.race([read(until), ended]),
    async [Symbol.asyncDispose]() {
      signal.removeEventListener("abort", cut);
      socket.destroy();
    },
  };
}
