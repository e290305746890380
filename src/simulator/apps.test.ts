import { expect, test } from "vitest";
import { assembleUserData } from "#deployments/assemble-user-data.ts";
import { appOf } from "./apps.ts";

const told = { hostname: "a.example.com", tenant: "a", deployment: "d-1", release: "web-1" };

test.each(["plain", "grüße"])("the app is the release that a droplet is told of, in Base64 also: %s", (text) => {
  const userData = assembleUserData({ ...told, variables: { A: text } }, "#!/bin/sh\n");
  expect(userData.includes("ARCADIA_RELEASE=")).toBe(text === "plain");
  expect(appOf(userData)).toBe("web-1");
  expect(appOf(userData.replaceAll("\n", "\r\n"))).toBe("web-1");
});

test("what tells of no release has none", () => expect(appOf("base64\n\n!")).toBeNull());
