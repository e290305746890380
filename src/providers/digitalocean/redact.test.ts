import { expect, test } from "vitest";
import { z } from "zod";
import { valueOf } from "./answer.ts";
import { redact } from "./redact.ts";

const request = { method: "POST", route: "/v2/droplets", schema: z.unknown() } as const;
const message = "Size is not available in this region: s-1vcpu-1gb. text/plain, done";

test.each([
  "text/plain",
  "#cloud-config",
  "#!/bin/sh\nset -e\ndone\n",
  "runcmd:\n- reboot\n- done\n",
  "available",
  "region:\r\n  size:\r\n",
  " \n\t\n",
])("words that everybody uses are no secret, though user_data has a line of them: %j", (secret) =>
  expect(redact(message, [secret])).toBe(message),
);

test.each([
  ["hunter2", "hunter2"],
  ["first\n  hunter2\r\nlast", "hunter2"],
  ["root:letmein", "root:letmein"],
  ['a\nk="1"\nb', 'k=\\"1\\"'],
  ["correct horse battery staple", "horse battery staple"],
])("of %j a message that quotes %j tells neither", (secret, quoted) => {
  expect(redact(`It says ${quoted} here`, [secret])).toMatch(/^It says ?\[redacted\] ?here$/);
});

const refusal = (type: string) => ({
  status: 422,
  headers: new Headers({ "content-type": type }),
  text: "<html>",
});

test.each([
  ["text/plain", "text/plain"],
  ["text/html; charset=utf-8", "text/html"],
  ["application/json", "application/json"],
])("the type of an answer is told whatever user_data says: %s", (type, told) => {
  const secrets = ["text/plain\ntext/html; charset=utf-8\napplication/json"];
  expect(() => valueOf(request, refusal(type), secrets, undefined)).toThrow(`a body of type ${told}`);
  expect(() => valueOf(request, refusal("x/hunter2-hunter2"), ["hunter2-hunter2"], undefined)).toThrow(
    "a body of type x/[redacted]",
  );
});

test("what a refusal means does not depend on what user_data says", () => {
  const body = JSON.stringify({ id: "unprocessable_entity", message: "creating this will exceed your droplet limit" });
  const answer = { status: 422, headers: new Headers(), text: body };
  const secrets = ["#cloud-config\n# this will exceed your droplet limit\n"];
  expect(() => valueOf(request, answer, secrets, undefined)).toThrow(
    expect.objectContaining({ reason: "droplet_limit", detail: expect.not.stringContaining("droplet limit") }),
  );
});
