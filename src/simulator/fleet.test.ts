import { expect, test } from "vitest";
import { createManualClock } from "#test/manual-clock.ts";
import { smallDroplet } from "#test/test-simulator.ts";
import { createSimulator } from "./simulator.ts";

test(
  "ten thousand droplets, each with a tag of its own, are made, listed and deleted",
  { timeout: 30_000 },
  async () => {
    const clock = createManualClock();
    const simulator = createSimulator({ seed: 1, clock, bootMs: 0, rateLimits: "off" });
    const call = async (method: string, path: string, query = "", body?: object) => {
      const answer = await simulator.handle({
        method,
        path,
        query: new URLSearchParams(query),
        headers: { authorization: "Bearer t" },
        body: body && JSON.stringify(body),
      });
      if (typeof answer === "string") throw new Error(`${method} ${path}: ${answer}`);
      return answer.body === "" ? undefined : JSON.parse(answer.body);
    };
    for (let index = 0; index < 10_000; index++)
      await call("POST", "/v2/droplets", "", { ...smallDroplet, tags: [`saga-${index}`, "fleet"] });
    clock.advance(1500);
    const ids = new Set<number>();
    for (let page = 1; page <= 50; page++) {
      const { droplets, meta } = await call("GET", "/v2/droplets", `tag_name=fleet&per_page=200&page=${page}`);
      expect(meta.total).toBe(10_000);
      for (const { id } of droplets) ids.add(id);
    }
    expect(ids.size).toBe(10_000);
    expect((await call("GET", "/v2/droplets", "tag_name=saga-9999")).meta.total).toBe(1);
    for (const id of ids) await call("DELETE", `/v2/droplets/${id}`);
    clock.advance(1500);
    expect((await call("GET", "/v2/droplets")).meta.total).toBe(0);
    expect(simulator.state()).toMatchObject({ droplets: [], created_total: 10_000, destroyed_total: 10_000 });
  },
);
