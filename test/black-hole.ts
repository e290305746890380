import { connect, createServer } from "node:net";
import { join } from "node:path";

export interface BlackHole extends AsyncDisposable {
  /** The same database, over this line. */
  readonly url: string;
  /** From now on nothing comes or goes on the connections that are there, and no end of one is told; new ones serve. */
  swallow(): void;
}

/** A line to a database on a socket or on loopback that can lose its connections without a word. */
export async function startBlackHole(url: string): Promise<BlackHole> {
  const target = new URL(url);
  const directory = target.searchParams.get("host");
  const port = Number(target.port || 5432);
  const open = new Set<{ swallow(): void; destroy(): void }>();
  const server = createServer((near) => {
    const far = directory ? connect(join(directory, `.s.PGSQL.${port}`)) : connect(port, target.hostname);
    let isLost = false;
    const pair = {
      swallow: () => void (isLost = true),
      destroy: () => [near, far].forEach((it) => it.destroy()),
    };
    open.add(pair);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => isLost || other.write(bytes));
      socket.on("close", () => isLost || other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The line has no port");
  const there = Object.assign(new URL(url), { hostname: "127.0.0.1", port: String(address.port), search: "" });
  return {
    url: there.href,
    swallow: () => open.forEach((it) => it.swallow()),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      open.forEach((it) => it.destroy());
      await closed;
    },
  };
}
