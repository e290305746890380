import { sql } from "kysely";
import { describe, expect, test, vi } from "vitest";
import { pause, type Stack, startStack } from "#test/stack.ts";
import { deploy, deploymentOf, ended, healthCheck, stepIs, stepsOf } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

/** Refuses, or swallows, what a step is about to write: the database's own guard. */
async function guard(stack: Stack, table: string, when: string, does: string): Promise<void> {
  await sql`create function guard() returns trigger language plpgsql as ${sql.lit(`begin ${does}; end`)}`.execute(
    stack.db,
  );
  await sql`create trigger guard before insert or update on ${sql.table(table)} for each row when (${sql.raw(when)})
    execute function guard()`.execute(stack.db);
}

const refuse = "raise exception 'refused by the guard'";
const swallow = "return null";

/** The step fails again and again: this spares the test all tries but the last. */
async function lastTry(stack: Stack, sagaId: string, name: string): Promise<void> {
  await stepIs(stack, sagaId, name, "waiting");
  await stack.db.updateTable("saga_steps").set({ attempts: 7 }).where("name", "=", name).execute();
}

const failures: Record<string, { arrange: (stack: Stack) => Promise<void>; last?: true; code: string }> = {
  mark_deployment_provisioning: {
    arrange: async (stack) => {
      await stack.provider("POST", "/v2/domains/example.com/records", { type: "A", name: "app", data: "203.0.113.9" });
      stack.rememberRecords();
      await pause(250);
    },
    code: "dns_conflict",
  },
  create_droplet: {
    arrange: (stack) => stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 422 }),
    code: "invalid",
  },
  wait_droplet_active: {
    arrange: (stack) => stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "placement_failure" }),
    code: "placement_failed",
  },
  register_droplet: {
    arrange: (stack) => guard(stack, "cloud_provisioned", "true", refuse),
    last: true,
    code: "unexpected",
  },
  link_deployment_resource: {
    arrange: (stack) => guard(stack, "cloud_resources", "new.linked_by is not null", swallow),
    code: "resource_missing",
  },
  wait_new_droplet_healthy: {
    arrange: (stack) => stack.control("POST", "apps", { state: "never" }),
    code: "droplet_unhealthy",
  },
  point_deployment_dns: {
    arrange: (stack) => stack.arm({ method: "POST", path: "/records$", kind: "status", status: 422 }),
    code: "invalid",
  },
  activate_deployment: {
    arrange: (stack) => guard(stack, "deployments", "new.status = 'active'", swallow),
    code: "not_provisioning",
  },
};

describe.concurrent("a failure rolls everything back", () => {
  test.for(Object.entries(failures))("%s", async ([name, { arrange, last, code }]) => {
    await using stack = await startStack();
    await arrange(stack);
    const check = { ...healthCheck, deadline_seconds: 2 };
    const deployed = await deploy(stack, { hostname: "app.example.com", healthCheck: check });
    if (last) await lastTry(stack, deployed.sagaId, name);
    const saga = await ended(stack, deployed.sagaId);

    expect(saga.status).toBe("rolled_back");
    expect(saga.error).toMatchObject({ code, step: name });
    const reached = (await stepsOf(stack, saga.id)).slice(0, saga.position + 1);
    expect(reached.at(-1)?.name).toBe(name);
    expect(reached.map((step) => step.status)).toEqual(reached.map(() => "compensated"));
    const deployment = await deploymentOf(stack, deployed.id);
    expect(deployment.status).toBe("cancelled");
    expect(deployment.reason).toContain(name);
    expect(stack.truth().droplets).toEqual([]);
    expect(await stack.db.selectFrom("cloud_resources").selectAll().execute()).toEqual([]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("also when somebody moved the deployment away by hand: what they made of it stays", async () => {
    await using stack = await startStack({ workers: 0 });
    const { id, sagaId } = await deploy(stack);
    await stack.db.updateTable("deployments").set({ status: "pending" }).where("id", "=", id).execute();
    await stack.addWorker();
    const saga = await ended(stack, sagaId);
    expect(saga).toMatchObject({ status: "rolled_back", error: { code: "not_provisioning" } });
    expect((await deploymentOf(stack, id)).status).toBe("pending");
    expect(stack.truth().created_total).toBe(0);
  });
});
