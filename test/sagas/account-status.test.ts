import { describe, expect, test, vi } from "vitest";
import { startStack, until } from "#test/stack.ts";
import { deploy, ended, sagaOf, stepsOf } from "#test/stack-deployments.ts";

// On a machine that is busy with others these take several times as long.
vi.setConfig({ testTimeout: 180_000 });

const user = "4f8a2c52-3b5c-4a56-9d2e-2f1f0f3f7a11";
const accountWith = (status: string, status_message: string) => ({
  method: "GET",
  path: "^/v2/account$",
  kind: "status",
  status: 200,
  times: 1_000_000,
  body: { account: { uuid: user, status, status_message } },
});
const refusal = { id: "forbidden", message: "Your account has been locked. Please contact support." };

describe.concurrent("how the account stands", () => {
  test.for([
    ["in the account", accountWith("locked", "Pay your bill"), "Pay your bill"],
    [
      "by a 403 to all",
      { method: "GET", path: "^/v2/account$", kind: "status", status: 403, times: 1_000_000, body: refusal },
      "Please contact support",
    ],
  ] as const)("locked, told %s: sagas wait, it is said as it is, and they go on", async ([, fault, words]) => {
    await using stack = await startStack({ workers: 0 });
    await stack.arm(accountWith("active", ""));
    await stack.addWorker();
    await until("the account", async () => (await provider(stack)).status === "up");
    await stack.disarm();
    await stack.arm({ method: "POST", path: "^/v2/droplets$", kind: "status", status: 403, times: 99, body: refusal });
    await stack.arm(fault);
    const { sagaId } = await deploy(stack);
    const saga = await until("the saga to say why it waits", async () => {
      const row = await sagaOf(stack, sagaId);
      return row.waiting_for?.includes("locked the account") && row;
    });
    expect(saga.waiting_for).toContain(words);
    const api = await stack.startApi();
    const { provider: shown } = (await (await fetch(`${api.url}/readyz`)).json()) as { provider: object };
    expect(shown).toMatchObject({ status: "down", reason: expect.stringContaining("locked the account") });
    expect(JSON.stringify(shown)).not.toContain("scope");
    await stack.disarm();
    await stack.arm(accountWith("active", ""));
    expect((await ended(stack, sagaId)).status).toBe("completed");
    expect((await stepsOf(stack, sagaId)).map((step) => step.attempts)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(await stack.brokenInvariants()).toEqual([]);
  });

  test("warned: work goes on, and it is said", async () => {
    await using stack = await startStack({ workers: 0 });
    await stack.arm(accountWith("warning", "Your card expires"));
    await stack.addWorker();
    const { sagaId } = await deploy(stack);
    expect((await ended(stack, sagaId)).status).toBe("completed");
    const api = await stack.startApi();
    const { provider: shown } = (await (await fetch(`${api.url}/readyz`)).json()) as { provider: object };
    expect(shown).toMatchObject({ status: "up", account_status: "warning" });
    expect(JSON.stringify(shown)).toContain("Your card expires");
  });
});

const provider = ({ db }: Awaited<ReturnType<typeof startStack>>) =>
  db.selectFrom("provider").selectAll().executeTakeFirstOrThrow();
