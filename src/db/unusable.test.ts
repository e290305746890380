import pg from "pg";
import { expect, test, vi } from "vitest";
import { createManualClock } from "#test/manual-clock.ts";
import { connecting } from "./unusable.ts";

const url = "postgres://arcadia:secret@db.example.com/arcadia";
const refusal = (code: string, message: string): Error =>
  Object.assign(new pg.DatabaseError(message, 0, "error"), { code });
const starting = refusal("57P03", "the database system is starting up");

test("a server that is starting is waited for", async () => {
  const clock = createManualClock();
  let tries = 0;
  const connected = connecting(url, async () => (++tries < 3 ? Promise.reject(starting) : "connected"), clock);
  for (const known of [1, 2]) {
    await vi.waitFor(() => expect([tries, clock.sleeping()]).toEqual([known, 1]));
    clock.advance(500);
  }
  expect(await connected).toBe("connected");
});

test("for a minute, and nothing else is waited for", async () => {
  const clock = createManualClock();
  let tries = 0;
  const refused = connecting(url, () => Promise.reject(++tries && starting), clock);
  refused.catch(() => undefined);
  await vi.waitFor(() => expect(clock.sleeping()).toBe(1));
  clock.advance(60_000);
  await expect(refused).rejects.toThrow("db.example.com/arcadia cannot be used (the database system is starting up)");
  expect(tries).toBe(2);
  await expect(connecting(url, () => Promise.reject(refusal("28P01", "no")), clock)).rejects.toThrow(
    "cannot be used (no)",
  );
});
