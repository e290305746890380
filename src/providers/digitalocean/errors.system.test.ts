import { sql } from "kysely";
import { describe, expect, inject, test } from "vitest";
import { createTestDatabase } from "#test/database.ts";
import { connectDigitalOcean, failureOf } from "#test/digitalocean-client.ts";
import { type ScriptedAnswer, startScriptedProvider } from "#test/scripted-provider.ts";
import { DigitalOceanError, isOutage, type Reason } from "./errors.ts";

const call = { priority: "undo" } as const;
const refusal = (status: number, id: string, message: string): ScriptedAnswer => ({
  status,
  headers: { "x-request-id": "req-1" },
  body: { id, message },
});
const unprocessable = (message: string) => refusal(422, "unprocessable_entity", message);
const accepted = (droplet: object): ScriptedAnswer => ({ status: 202, body: { droplet } });
const html: ScriptedAnswer = { status: 504, body: "<!DOCTYPE html><html>Gateway time-out</html>" };
const blocked = "<!DOCTYPE html><html><title>Attention Required! | Cloudflare</title></html>";

const creates: [string, ScriptedAnswer, Reason, "none" | "unknown"][] = [
  ["401", refusal(401, "unauthorized", "Unable to authenticate you."), "unauthorized", "none"],
  ["403", refusal(403, "forbidden", "You do not have access for the attempted action."), "forbidden", "none"],
  ["404", refusal(404, "not_found", "The resource could not be found."), "not_found", "none"],
  ["somebody else's 404", { status: 404, body: "<html>Not found</html>" }, "unexpected_answer", "unknown"],
  ["a 404 in the words of tags", { status: 404, body: { error: "Not found" } }, "unexpected_answer", "unknown"],
  ["Cloudflare's 403", { status: 403, body: blocked }, "unexpected_answer", "unknown"],
  ["somebody else's 422", { status: 422, body: { message: "No." } }, "unexpected_answer", "unknown"],
  ["a 400 without a body", { status: 400 }, "unexpected_answer", "unknown"],
  ["a tag's 400", { status: 400, body: { error: "bad tag", messages: null, root_causes: [] } }, "invalid", "none"],
  ["somebody else's 401", { status: 401, body: blocked }, "unauthorized", "none"],
  ["somebody else's 429", { status: 429, body: blocked }, "rate_limited", "none"],
  ["408", refusal(408, "request_timeout", "Timed out."), "timeout", "unknown"],
  ["425", { status: 425 }, "timeout", "unknown"],
  ["499 in HTML", { status: 499, body: blocked }, "timeout", "unknown"],
  ["409", refusal(409, "conflict", "It is there already."), "conflict", "none"],
  ["422", unprocessable("You specified an invalid image for Droplet creation."), "invalid", "none"],
  [
    "the droplet limit",
    unprocessable("creating this/these droplet(s) will exceed your droplet limit"),
    "droplet_limit",
    "none",
  ],
  ["a pending event", unprocessable("Droplet already has a pending event."), "pending_event", "none"],
  ["please try again", unprocessable("Failed to create droplet, please try again"), "retry_later", "none"],
  ["429", refusal(429, "too_many_requests", "API Rate limit exceeded."), "rate_limited", "none"],
  ["500", refusal(500, "server_error", "Server was unable to give you a response."), "server_error", "unknown"],
  ["503", refusal(503, "service_unavailable", "Busy."), "server_error", "unknown"],
  ["504 in HTML", html, "server_error", "unknown"],
  ["202 in HTML", { status: 202, body: "<html>Sign in to the hotel's network</html>" }, "unexpected_answer", "unknown"],
  ["202 with a droplet of another name", accepted({ id: 7, name: "b" }), "unexpected_answer", "unknown"],
  ["202 with a droplet without an id", accepted({ name: "a" }), "unexpected_answer", "unknown"],
  ["a locked account", refusal(403, "forbidden", "Your account has been locked."), "account_locked", "none"],
  ["a locked team", refusal(403, "forbidden", "This team is suspended, see support"), "account_locked", "none"],
  ["account locked", refusal(403, "account_locked", "Account locked"), "account_locked", "none"],
  ["a suspended account", refusal(401, "unauthorized", "Suspended account."), "account_locked", "none"],
  [
    "a locked account with its address",
    refusal(403, "forbidden", "Your account (ops@mail.example.com) has been temporarily locked."),
    "account_locked",
    "none",
  ],
  ["423 of an account", refusal(423, "locked", "Your account is locked."), "account_locked", "none"],
  ["402 of an account", refusal(402, "payment_required", "Account suspended: pay up."), "account_locked", "none"],
  ["an account on hold", refusal(403, "forbidden", "This account is on hold."), "account_locked", "none"],
  ["a blocked team", refusal(403, "forbidden", "Blocked team"), "account_locked", "none"],
  ["a locked droplet of an account", refusal(403, "forbidden", "Account ok. It is locked."), "forbidden", "none"],
  [
    "a 422 whose request id is null",
    { status: 422, body: { id: "unprocessable_entity", message: "No.", request_id: null } },
    "invalid",
    "none",
  ],
  [
    "a 404 whose request id is a number",
    { status: 404, body: { id: "not_found", message: "No.", request_id: 7 } },
    "not_found",
    "none",
  ],
  ["a locked droplet", refusal(403, "forbidden", "The droplet is locked."), "forbidden", "none"],
  ["202 without a droplet", { status: 202, body: { links: {} } }, "unexpected_answer", "unknown"],
  ["202 without a body", { status: 202 }, "unexpected_answer", "unknown"],
  ["a redirect", { status: 307, headers: { location: "http://127.0.0.1:9/" } }, "unexpected_answer", "unknown"],
  ["a reset", "reset", "unreachable", "unknown"],
  ["silence", "hang", "timeout", "unknown"],
];

describe("a create that fails is sent once and says whether it may have worked", () => {
  test.for(creates)("%s", async ([, answer, reason, effect]) => {
    await using database = await createTestDatabase(inject("testServer"));
    await using provider = await startScriptedProvider(() => answer);
    const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db, timeoutMs: 300 });
    const input = { name: "a", region: "syd1", size: "s-1vcpu-1gb", image: "ubuntu-24-04-x64", tags: [] };
    const error = await failureOf(client.droplets.create(input, call));
    expect(error).toMatchObject({ reason, effect, method: "POST", route: "/v2/droplets" });
    expect(error.message).toContain("POST /v2/droplets: ");
    expect(provider.requests).toHaveLength(1);
  });
});

test.for([
  ["Locked", "locked"],
  [" LOCKED ", "locked"],
  ["", "active"],
  [null, "active"],
] as const)("the account's status %j reads %s", async ([told, status]) => {
  await using database = await createTestDatabase(inject("testServer"));
  const account = { uuid: "a-user", team: { uuid: "a-team" }, status: told, status_message: null };
  await using provider = await startScriptedProvider(() => ({ status: 200, body: { account } }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  expect(await client.account.get(call)).toMatchObject({ status, status_message: "" });
});

test("an error carries DigitalOcean's status, id, words and request id", async () => {
  await using database = await createTestDatabase(inject("testServer"));
  await using provider = await startScriptedProvider(() => refusal(404, "not_found", "Nothing here."));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  const error = await failureOf(client.droplets.get(7, call));
  expect(error).toMatchObject({
    status: 404,
    id: "not_found",
    detail: "Nothing here.",
    requestId: "req-1",
    route: "/v2/droplets/{id}",
  });
  expect(error.message).toBe("GET /v2/droplets/7: DigitalOcean answered 404 not_found: Nothing here.");
});

test("an answer that lacks something required names what it lacks", async () => {
  await using database = await createTestDatabase(inject("testServer"));
  const body = { droplet: { id: 7, status: "new", size_slug: "s-1vcpu-1gb" } };
  await using provider = await startScriptedProvider(() => ({ status: 200, body }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  const error = await failureOf(client.droplets.get(7, call));
  expect(error).toMatchObject({ reason: "unexpected_answer", effect: "none", status: 200 });
  expect(error.message).toContain("droplet.name");
  expect(error.cause).toBeInstanceOf(Error);
});

test("a refused connection and an unknown host did nothing, even to a create", async () => {
  await using database = await createTestDatabase(inject("testServer"));
  const gone = await startScriptedProvider(() => ({ status: 200 }));
  await gone[Symbol.asyncDispose]();
  for (const baseUrl of [gone.url, "http://no-such-host.invalid"]) {
    const client = connectDigitalOcean({ baseUrl, db: database.db });
    const error = await failureOf(
      client.domains.records.create("z.example", { type: "A", name: "a", data: "b" }, call),
    );
    expect(error).toMatchObject({ reason: "unreachable", effect: "none" });
    expect(error.cause).toBeInstanceOf(TypeError);
  }
});

test("what may mean that the whole provider is down is told from what concerns one request", () => {
  const failed = (reason: Reason) =>
    new DigitalOceanError("failed", { method: "GET", route: "/v2/account", reason, effect: "none" });
  const outages: Reason[] = ["unreachable", "timeout", "server_error", "unauthorized", "unexpected_answer"];
  const others: Reason[] = ["not_found", "forbidden", "rate_limited", "invalid", "retry_later", "conflict", "not_sent"];
  expect(outages.map((reason) => isOutage(failed(reason)))).toEqual(outages.map(() => true));
  expect(others.map((reason) => isOutage(failed(reason)))).toEqual(others.map(() => false));
  expect(isOutage(new Error("of the database"))).toBe(false);
});

test.for([
  ["in its message", { id: "unprocessable_entity", message: "Name a\0b\ud800c is taken" }],
  ["in its id", { id: "unprocess\0able\udc00", message: "No." }],
  ["in its request id", { id: "unprocessable_entity", message: "No.", request_id: "r\0\ud800" }],
  ["where it is cut", { id: "unprocessable_entity", message: `${"x".repeat(499)}😀${"x".repeat(9)}` }],
] as const)("a refusal that cannot be written, %s, is told so that it can", async ([, body]) => {
  await using database = await createTestDatabase(inject("testServer"));
  await using provider = await startScriptedProvider(() => ({ status: 422, body }));
  const client = connectDigitalOcean({ baseUrl: provider.url, db: database.db });
  const error = await failureOf(client.droplets.get(7, call));
  const { message, id, detail, requestId } = error;
  const text = JSON.stringify({ message, id, detail, requestId });
  // As the engine writes it, and as the budget does.
  await sql`select ${text}::jsonb, ${message}::text, ${requestId ?? ""}::text`.execute(database.db);
  expect(
    [message, id ?? "", detail ?? "", requestId ?? ""].filter((it) => !it.isWellFormed() || it.includes("\0")),
  ).toEqual([]);
  const [row] = await database.db.selectFrom("provider_requests").selectAll().execute();
  expect(row).toMatchObject({ status: 422, error: message });
});
