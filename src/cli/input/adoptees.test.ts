import { expect, test } from "vitest";
import { adopteesOf } from "./adoptees.ts";

test("reads droplets below a header, in any order of columns, and keeps DNS where nothing is said", () => {
  const text =
    '\uFEFFhostname,provider_id,"tenant",dns,note\r\nA.example.com.,17,acme,manage,x\r\n\r\nb.example.com,18,globex,,\r\n';
  expect(adopteesOf("droplets.csv", text)).toEqual([
    { provider_id: 17, hostname: "a.example.com", tenant: "acme", dns: "manage" },
    { provider_id: 18, hostname: "b.example.com", tenant: "globex", dns: "keep" },
  ]);
});

test("names every line that is wrong", () => {
  expect(() => adopteesOf("f", "provider_id,hostname\n1,a.example.com")).toThrow("no column tenant");
  const text =
    "provider_id,hostname,tenant\nx,a.example.com,acme\n1,b,acme\n2,c.example.com,acme\n2,d.example.com,acme\n";
  expect(() => adopteesOf("f", text)).toThrow(/line 2: provider_id .*; line 3: hostname .*; droplet 2 is named twice/);
});
