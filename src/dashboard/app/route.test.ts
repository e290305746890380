import fc from "fast-check";
import { expect, test } from "vitest";
import { hrefOf, parseRoute } from "./route.ts";

test("an address names its page and filters again", () => {
  const filled = fc.string({ minLength: 1 });
  const names = fc.stringMatching(/^[a-z]+$/).filter((name) => name !== "");
  fc.assert(
    fc.property(fc.array(filled), fc.dictionary(names, filled), (path, query) => {
      const route = parseRoute(hrefOf(path, query));
      expect(route.path).toEqual(path);
      expect(Object.fromEntries(route.query)).toEqual({ ...query });
    }),
  );
});

test.each(["", "#", "#/", "#/?"])("%j is the first page", (hash) => {
  expect(parseRoute(hash).path).toEqual([]);
});

test("an address that is no percent-encoding is taken as it is", () => {
  expect(parseRoute("#/deployments/100%").path).toEqual(["deployments", "100%"]);
});
