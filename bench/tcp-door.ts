import { createConnection, createServer } from "node:net";
import { join } from "node:path";

/**
 * Lets a driver in that speaks TCP only: the embedded PostgreSQL has a socket, to which each connection is piped. That
 * costs those who come this way a few hundredths of a millisecond a round trip.
 * @param url of a database on a socket
 * @returns the same database on loopback
 */
export async function openTcpDoor(url: string): Promise<{ url: string; close(): void }> {
  const { searchParams, port } = new URL(url);
  const path = join(searchParams.get("host") ?? "", `.s.PGSQL.${port || 5432}`);
  const server = createServer({ noDelay: true }, (outer) => {
    const inner = createConnection(path);
    outer.pipe(inner).pipe(outer);
    for (const end of [outer, inner]) end.on("error", () => [outer, inner].forEach((it) => it.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The door has no port");
  const there = Object.assign(new URL(url), { hostname: "127.0.0.1", port: String(address.port), search: "" });
  return { url: there.href, close: () => void server.close() };
}
