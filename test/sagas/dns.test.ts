import { describe, expect, test, vi } from "vitest";
import { findSaga } from "#saga-queries/queries.ts";
import { createToken } from "#operations/create-token.ts";
import { type Stack, startStack, until } from "#test/stack.ts";
import { deleteDeployment, deploy, deploymentOf, ended, notesOf, retrySaga, stepIs } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const recordsPath = "/v2/domains/example.com/records";

async function addRecord(stack: Stack, type: string, data: string, name = "app"): Promise<number> {
  const answer = await stack.provider("POST", recordsPath, { type, name, data, ttl: 600 });
  const { domain_record: made } = (await answer.json()) as { domain_record: { id: number } };
  stack.rememberRecords();
  const { records } = stack.truth().domains[0] ?? { records: [] };
  // Until every listing shows it.
  await until("the record to be listed", async () => {
    const listed = (await (await stack.provider("GET", recordsPath)).json()) as { meta: { total: number } };
    return listed.meta.total === records.length;
  });
  return made.id;
}

const recordsNamed = (stack: Stack, name = "app") =>
  stack.truth().domains.flatMap(({ records }) => records.filter((record) => record.name === name));

const hostname = "app.example.com";
/** Makes a saga fail once its DNS record is written. */
const failAtTheEnd = async (stack: Stack): Promise<void> => {
  await stack.pool.query(`create function guard() returns trigger language plpgsql as 'begin return null; end'`);
  await stack.pool.query(`create trigger guard before update on deployments for each row
    when (new.status = 'active') execute function guard()`);
};

describe.concurrent("a hostname that has a record already", () => {
  test.for([
    ["A", "203.0.113.9", false],
    ["AAAA", "2001:db8::9", false],
    ["AAAA", "2001:db8::9", true],
    ["CNAME", "elsewhere.example.net.", false],
    ["CNAME", "elsewhere.example.net.", true],
  ] as const)("%s %s is refused with replace_dns %s, and nothing is made", async ([type, data, replaceDns]) => {
    await using stack = await startStack();
    const id = await addRecord(stack, type, data);
    const deployed = await deploy(stack, { hostname, replaceDns });
    const saga = await ended(stack, deployed.sagaId);
    expect(saga).toMatchObject({ status: "rolled_back", error: { code: "dns_conflict" } });
    // A host name is read back without its dot.
    const read = data.replace(/\.$/, "");
    expect((await deploymentOf(stack, deployed.id)).reason).toContain(read);
    expect(stack.truth().created_total).toBe(0);
    expect(recordsNamed(stack)).toMatchObject([{ id, type, data: read }]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("is taken over in place with replace_dns, and gone after the end", async () => {
    await using stack = await startStack();
    const id = await addRecord(stack, "A", "203.0.113.9");
    const deployed = await deploy(stack, { hostname, replaceDns: true });
    expect((await ended(stack, deployed.sagaId)).status).toBe("completed");
    const [droplet] = stack.truth().droplets;
    expect(recordsNamed(stack)).toMatchObject([{ id, data: droplet?.public_ipv4, ttl: 30 }]);
    expect(await stack.brokenInvariants()).toEqual([]);

    await deleteDeployment(stack, deployed.id);
    await ended(stack, (await deploymentOf(stack, deployed.id)).saga_id ?? "");
    expect(recordsNamed(stack)).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("two A records are taken over, and both are back after a rollback", async () => {
    await using stack = await startStack();
    const first = await addRecord(stack, "A", "203.0.113.9");
    await addRecord(stack, "A", "203.0.113.10");
    await failAtTheEnd(stack);
    const deployed = await deploy(stack, { hostname, replaceDns: true });
    expect((await ended(stack, deployed.sagaId)).status).toBe("rolled_back");
    expect(recordsNamed(stack)).toMatchObject([{ id: first, data: "203.0.113.9", ttl: 600 }, { data: "203.0.113.10" }]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("two A records are both back, and once, when the create that brings one back is not answered", async () => {
    // Listings lag for longer than the pause before another try.
    await using stack = await startStack({ simulator: { lagMs: 2500 }, timing: { settle: 3 } });
    await addRecord(stack, "A", "203.0.113.9");
    await addRecord(stack, "A", "203.0.113.10");
    await failAtTheEnd(stack);
    await stack.arm({ method: "POST", path: "/records$", kind: "status", status: 504, after_commit: true });
    const deployed = await deploy(stack, { hostname, replaceDns: true });
    expect((await ended(stack, deployed.sagaId, 90_000)).status).toBe("rolled_back");
    expect(recordsNamed(stack).map((record) => record.data)).toEqual(["203.0.113.9", "203.0.113.10"]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("is exactly what it was after a rollback", async () => {
    await using stack = await startStack();
    const id = await addRecord(stack, "A", "203.0.113.9");
    await failAtTheEnd(stack);
    const deployed = await deploy(stack, { hostname, replaceDns: true });
    expect((await ended(stack, deployed.sagaId)).status).toBe("rolled_back");
    expect(recordsNamed(stack)).toMatchObject([{ id, data: "203.0.113.9", ttl: 600 }]);
    expect(stack.truth().droplets).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test.for([
    ["replaced", true],
    ["created", false],
  ] as const)("what somebody else changed meanwhile in a %s record is left, with an event", async ([, replaceDns]) => {
    await using stack = await startStack();
    if (replaceDns) await addRecord(stack, "A", "203.0.113.9");
    // The step that follows the DNS write is held until the record has been changed.
    await stack.pool.query(`create function guard() returns trigger language plpgsql as
      'begin perform pg_sleep(2); return null; end'`);
    await stack.pool.query(`create trigger guard before update on deployments for each row
      when (new.status = 'active') execute function guard()`);
    const deployed = await deploy(stack, { hostname, replaceDns });
    await stepIs(stack, deployed.sagaId, "point_deployment_dns", "completed");
    const [ours] = recordsNamed(stack);
    await stack.provider("PUT", `${recordsPath}/${ours?.id}`, { type: "A", name: "app", data: "203.0.113.77" });
    stack.rememberRecords();
    expect((await ended(stack, deployed.sagaId)).status).toBe("rolled_back");
    expect(recordsNamed(stack)).toMatchObject([{ id: ours?.id, data: "203.0.113.77" }]);
    expect((await notesOf(stack, deployed.sagaId)).join()).toContain("changed by somebody else");
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("a droplet is not destroyed while our record still leads to it", async () => {
    await using stack = await startStack({ timing: { compensate: 4 } });
    await failAtTheEnd(stack);
    await stack.arm({ method: "DELETE", path: "/records/", kind: "status", status: 403, times: 1000 });
    const deployed = await deploy(stack, { hostname });
    const saga = await ended(stack, deployed.sagaId);
    expect(saga).toMatchObject({ status: "stuck", stuck_error: { step: "point_deployment_dns" } });
    const leaves = (await findSaga(stack.db, saga.id))?.leaves;
    expect(leaves?.droplets).toMatchObject([{ provider_id: stack.truth().droplets[0]?.id }]);
    expect(leaves?.dns_records).toEqual([{ id: recordsNamed(stack)[0]?.id, name: hostname, type: "A" }]);
    expect(saga.steps).toMatchObject({
      point_deployment_dns: "compensation_failed",
      link_deployment_resource: "compensated",
      register_droplet: "completed",
      create_droplet: "completed",
      mark_deployment_provisioning: "completed",
    });
    expect(stack.truth().droplets).toHaveLength(1);
    await stack.disarm();
    await retrySaga(stack, saga.id);
    expect((await ended(stack, saga.id)).status).toBe("rolled_back");
    expect(await stack.brokenInvariants()).toEqual([]);
  });
});

test("two deployments race for one hostname through the API: one is accepted, one refused", async () => {
  await using stack = await startStack();
  const api = await stack.startApi();
  const asked = { name: "admin", role: "admin" as const, tenant_id: null, expires_at: null };
  const made = { ids: stack.ids, now: stack.clock.now() };
  const { secret } = await stack.db.transaction().execute((tx) => createToken(tx, asked, made));
  const post = (path: string, body: object) =>
    fetch(api.url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const tenant = (await (await post("/v1/tenants", { slug: "acme", name: "Acme" })).json()) as { id: string };
  const body = { tenant_id: tenant.id, name: "app", hostname, region: "syd1", size_slug: "s-1vcpu-512mb-10gb" };
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => post("/v1/deployments", { ...body, image: "ubuntu-24-04-x64", provision: true })),
  );
  expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([202, 422, 422, 422]);
  const winner = answers.find((answer) => answer.status === 202);
  const { saga } = (await winner!.json()) as { saga: { id: string } };
  expect((await ended(stack, saga.id)).status).toBe("completed");
  expect(recordsNamed(stack)).toHaveLength(1);
  expect(await stack.brokenInvariants([secret])).toEqual([]);
});
