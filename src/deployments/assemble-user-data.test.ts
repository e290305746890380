import { expect, test } from "vitest";
import { assembleUserData, environmentFile, sizeOf } from "./assemble-user-data.ts";

const told = { hostname: "a.example.com", tenant: "acme", deployment: "d-1", release: "web-1", variables: {} };

test("a value is quoted as a shell and systemd read it back", () => {
  const variables = { A: "a b", B: '"', C: "$HOME", D: "`id`", E: "\\", F: "it's", G: "one\ntwo" };
  expect(environmentFile({ ...told, release: null, variables })).toBe(
    'ARCADIA_HOSTNAME="a.example.com"\nARCADIA_TENANT="acme"\nARCADIA_DEPLOYMENT="d-1"\nARCADIA_RELEASE=""\n' +
      'A="a b"\nB="\\""\nC="\\$HOME"\nD="\\`id\\`"\nE="\\\\"\nF="it\'s"\nG="one\ntwo"\n',
  );
});

test("no text ends its part, or the file in the boothook, before its end", () => {
  const sly = "#!/bin/sh\n--arcadia-part\n--arcadia-part--\n";
  const text = assembleUserData({ ...told, variables: { A: "x\nARCADIA_END\ny" } }, sly);
  const boundary = /boundary="(arcadia-part-\w{32})"\n/.exec(text)?.[1];
  expect(text.match(new RegExp(`^--${boundary}(--)?$`, "gm"))).toHaveLength(3);
  const end = /<<'(ARCADIA_END-\w{32})'\n/.exec(text)?.[1];
  expect(text.split(`\n${end}\n`)).toHaveLength(2);
  expect(text.split(sly)).toHaveLength(2);
});

test("what is not ASCII goes as Base64, and all is counted", () => {
  const text = assembleUserData(told, "#!/bin/sh\necho grüße €\n");
  expect(text).toContain("Content-Transfer-Encoding: base64\n");
  expect(/^[\n\x20-\x7e]*$/.test(text)).toBe(true);
  expect(sizeOf("€")).toBe(3);
});
