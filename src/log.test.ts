import { expect, test } from "vitest";
import { openLog } from "./log.ts";

function logged(write: (log: ReturnType<typeof openLog>) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(openLog("info", { write: (line) => void lines.push(line) }));
  return JSON.parse(lines[0] ?? "{}");
}

test("an error is told with its causes and plain fields, without the objects that hang on it", () => {
  const connection = { password: "planted", options: { password: "planted" } };
  const cause = Object.assign(new Error("connection lost"), { code: "57P01", client: connection });
  const line = logged((log) => log.warn({ err: new AggregateError([cause], "two things", { cause }) }, "It broke"));
  expect(line).toMatchObject({
    msg: "It broke",
    err: { type: "AggregateError", message: "two things", cause: { message: "connection lost", code: "57P01" } },
  });
  expect(JSON.stringify(line)).not.toContain("planted");
});

test("secrets are removed by their names, also one and two levels down", () => {
  const secret = "planted";
  const line = logged((log) => log.info({ token: secret, body: { user_data: secret, deep: { password: secret } } }));
  expect(JSON.stringify(line)).not.toContain(secret);
});
