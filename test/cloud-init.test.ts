import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assembleUserData } from "#deployments/assemble-user-data.ts";
import { boot, cloudInitVersion, sourced } from "./cloud-init.ts";

const version = await cloudInitVersion();
console.log(
  version === undefined
    ? "NOT TESTED: cloud-init is not installed here, so nothing has taken our user_data apart as a droplet does"
    : `against cloud-init ${version}`,
);

const variables = {
  PLAIN: "one two",
  QUOTES: `'"\`$HOME\\n\\`,
  LINES: "-----BEGIN-----\nabc\n-----END-----\n",
  UNICODE: "grüße € 🚀",
  END: "\nARCADIA_END\n",
  EMPTY: "",
};
const told = { hostname: "a.example.com", tenant: "acme", deployment: "d-1", release: "web-1", variables };

const scripts: readonly (readonly [name: string, type: string, text: string])[] = [
  ["a script", "text/x-shellscript", "#!/bin/sh\necho hello\n"],
  ["a script without an end of line", "text/x-shellscript", "#!/bin/sh\necho hello"],
  ["a script with what is not ASCII", "text/x-shellscript", "#!/bin/sh\necho 'grüße € 🚀'\n"],
  ["a script with the line ends of Windows", "text/x-shellscript", "#!/bin/sh\r\necho a\r\n"],
  ["cloud-config", "text/cloud-config", "#cloud-config\npackages:\n  - nginx\nruncmd:\n  - echo 'é'\n"],
  ["a template", "text/jinja2", "## template: jinja\n#cloud-config\nfqdn: {{ v1.local_hostname }}\n"],
  ["what looks like our boundary", "text/x-shellscript", "#!/bin/sh\n--arcadia-part--\n--arcadia-part\necho\n"],
];

test.skipIf(version === undefined)("a droplet has its file before the release's user_data, mode 0600", async () => {
  await using booted = await boot(assembleUserData(told, "#!/bin/sh\n"));
  const file = join(booted.directory, "deployment.env");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(booted.parts.map(({ type }) => type)).toEqual(["text/cloud-boothook", "text/x-shellscript"]);
  const names = ["ARCADIA_HOSTNAME", "ARCADIA_TENANT", "ARCADIA_DEPLOYMENT", "ARCADIA_RELEASE"];
  expect(await sourced(file, [...names, ...Object.keys(variables)])).toEqual({
    ARCADIA_HOSTNAME: "a.example.com",
    ARCADIA_TENANT: "acme",
    ARCADIA_DEPLOYMENT: "d-1",
    ARCADIA_RELEASE: "web-1",
    ...variables,
  });
});

test.skipIf(version === undefined).each(scripts)("%s arrives unchanged, as %s", async (_, type, text) => {
  // As cloud-init has it by itself, without ours around it.
  await using alone = await boot(text);
  await using booted = await boot(assembleUserData(told, text));
  expect(booted.parts[1]).toEqual({ type, text });
  expect(booted.parts[1]).toEqual(alone.parts[0]);
});

test.skipIf(version === undefined)("a release's user_data that is a multipart itself keeps its parts", async () => {
  const own = [
    'Content-Type: multipart/mixed; boundary="own"\nMIME-Version: 1.0\n\n--own\n',
    "Content-Type: text/cloud-config\n\n#cloud-config\npackages: [nginx]\n--own\n",
    "Content-Type: text/x-shellscript\n\n#!/bin/sh\necho two\n--own--\n",
  ].join("");
  await using alone = await boot(own);
  await using booted = await boot(assembleUserData(told, own));
  expect(booted.parts.slice(1)).toEqual(alone.parts);
  expect(alone.parts).toHaveLength(2);
});

test.skipIf(version === undefined)("without user_data there is the file alone", async () => {
  await using booted = await boot(assembleUserData({ ...told, release: null, variables: {} }, undefined));
  expect(booted.parts).toHaveLength(1);
  const file = join(booted.directory, "deployment.env");
  expect(await sourced(file, ["ARCADIA_RELEASE"])).toEqual({ ARCADIA_RELEASE: "" });
});
