import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";

export interface SeenRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type ScriptedAnswer =
  | "reset"
  | "hang"
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      /** An object is sent as JSON. */
      readonly body?: object | string;
    };

export interface ScriptedProvider extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
}

/** A provider on loopback that answers what it is told: for answers that the simulator never gives. */
export async function startScriptedProvider(
  answer: (request: SeenRequest, index: number) => ScriptedAnswer,
): Promise<ScriptedProvider> {
  const requests: SeenRequest[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const seen: SeenRequest = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    requests.push(seen);
    const told = answer(seen, requests.length - 1);
    if (told === "hang") return;
    if (told === "reset") {
      request.socket.resetAndDestroy();
      return;
    }
    const isText = typeof told.body === "string";
    response.writeHead(told.status, { "content-type": isText ? "text/html" : "application/json", ...told.headers });
    response.end(isText || told.body === undefined ? told.body : JSON.stringify(told.body));
  };
  // A request that the client cuts off has nobody left to be told of it.
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
