import type { Socket } from "node:net";
import type { ProblemCode } from "#api/problem.ts";
import { problemBody } from "./problem.ts";

const ofParser: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "body_too_large",
};

/** What is not HTTP gets an answer too, written to the bare socket. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = ofParser[error.code ?? ""] ?? "malformed_request";
  const body = problemBody(code, "This is not an HTTP request that the server can read");
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${body.status} ${body.title}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}
