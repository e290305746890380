import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: { type: string; timestamp: string; data: Record<string, unknown> };
  readonly raw: string;
}

/** A real receiver on loopback. `answer` says how each call (from 1) is answered: a status, or nothing for silence. */
export async function startReceiver(
  answer: (call: number, received: Received) => number | undefined | Promise<number | undefined> = () => 204,
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((raw) => take(raw, request, response));
  });
  const take = async (raw: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const it: Received = { headers: request.headers, body: JSON.parse(raw), raw };
    received.push(it);
    const status = await answer(received.length, it);
    if (status !== undefined) response.writeHead(status, { location: "/elsewhere" }).end();
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    types: () => received.map((it) => it.body.type),
    /** @throws unless the library that receivers use finds the signature right */
    verify: (secret: string, it: Received) =>
      new Webhook(secret).verify(it.raw, {
        "webhook-id": String(it.headers["webhook-id"]),
        "webhook-timestamp": String(it.headers["webhook-timestamp"]),
        "webhook-signature": String(it.headers["webhook-signature"]),
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
