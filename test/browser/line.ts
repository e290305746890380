import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * A line to a local port that can die as lines do: connections stay open and nothing comes through any more, as with a
 * frozen server or a firewall that forgot them. Once restored, new connections work; those from before stay dead.
 */
export async function startLine(port: number) {
  const open = new Set<Socket>();
  const dead = new WeakSet<Socket>();
  let swallowing = false;
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    if (swallowing) dead.add(near);
    open.add(near);
    const join = (from: Socket, to: Socket) => {
      from.on("data", (bytes: Buffer) => dead.has(near) || to.write(bytes));
      // A connection that breaks ends the other half too.
      from.on("error", () => from.destroy());
      from.on("close", () => {
        open.delete(near);
        to.destroy();
      });
    };
    join(near, far);
    join(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    swallow() {
      swallowing = true;
      for (const near of open) dead.add(near);
    },
    restore() {
      swallowing = false;
    },
    async [Symbol.asyncDispose]() {
      for (const near of open) near.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
