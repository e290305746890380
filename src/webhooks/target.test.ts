import { expect, test } from "vitest";
import { isPublic } from "#public-address.ts";
import { faultOf, resolveTarget } from "./target.ts";

const strict = { allowPrivate: false };

test.each([
  "127.0.0.1",
  "127.255.255.254",
  "0.0.0.0",
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "fe80::1",
  "fc00::1",
  "fd12:3456::1",
  "ff02::1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "::ffff:8.8.8.8",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
  "2001::1",
  "2001:db8::1",
  "not an address",
])("%s is not public", (address) => expect(isPublic(address)).toBe(false));

test.each(["8.8.8.8", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"])(
  "%s is public",
  (address) => expect(isPublic(address)).toBe(true),
);

test.each([
  ["ftp://example.com/", "https"],
  ["http://example.com/", "https"],
  ["https://user:password@example.com/", "user or password"],
  ["https://localhost/", "loopback"],
  ["https://a.localhost./", "loopback"],
  ["https://metadata.google.internal/", "loopback"],
  ["https://127.1/", "loopback"],
  ["https://0x7f.1/", "loopback"],
  ["https://2130706433/", "loopback"],
  ["https://017700000001/", "loopback"],
  ["https://[::1]/", "loopback"],
  ["https://[::ffff:127.0.0.1]/", "loopback"],
  ["https://169.254.169.254/latest/meta-data/", "link-local"],
  ["nonsense", "https"],
])("%s is refused", (url, why) => expect(faultOf(url, strict)).toContain(why));

test.each(["https://hooks.example.com/arcadia?key=1", "https://8.8.8.8:8443/"])("%s is taken", (url) =>
  expect(faultOf(url, strict)).toBeUndefined(),
);

test("a name is refused when any of its addresses is internal, and used only at those that were checked", async () => {
  const leadsTo = (...addresses: string[]) => ({
    allowPrivate: false,
    resolve: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
  });
  const { signal } = new AbortController();
  const url = new URL("https://hooks.example.com/");
  expect(await resolveTarget(url, leadsTo("8.8.8.8"), signal)).toEqual([{ address: "8.8.8.8", family: 4 }]);
  for (const addresses of [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["fe80::1", "8.8.8.8"]])
    await expect(resolveTarget(url, leadsTo(...addresses), signal)).rejects.toThrow("private, loopback or link-local");
});
