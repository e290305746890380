import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { startApi } from "#test/api.ts";

test.each([
  ["not HTTP", "nonsense\r\n\r\n", 400, "malformed_request"],
  [
    "headers without end",
    `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
    431,
    "headers_too_large",
  ],
  ["no Host at all", "GET /healthz HTTP/1.0\r\n\r\n", 421, "misdirected_request"],
])("%s gets a problem too", async (_, sent, status, code) => {
  await using api = await startApi();
  const { port } = new URL(await api.app.listen({ host: "127.0.0.1", port: 0 }));
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(sent);
  const answer = await text(socket);
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(head).toContain(` ${status} `);
  expect(head.toLowerCase()).toContain("content-type: application/problem+json");
  expect(JSON.parse(body)).toMatchObject({ status, code });
});
