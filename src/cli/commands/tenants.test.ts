import { json } from "node:stream/consumers";
import { expect, test } from "vitest";
import { acme, openFakeApi, sendJson } from "#test/fake-api.ts";

const limited = { ...acme, quota: { max_monthly_usd: 100, allowed_sizes: ["s-1vcpu-1gb"] } };

/** Updates acme. @returns the status, what was said, and the change that the API was asked for */
async function update(...options: string[]) {
  let asked: unknown;
  const api = await openFakeApi({
    [`GET /v1/tenants/${limited.id}`]: (_, response) => sendJson(response, 200, limited),
    [`PATCH /v1/tenants/${limited.id}`]: async (request, response) => {
      asked = await json(request);
      sendJson(response, 200, limited);
    },
  });
  const status = await api.run(["tenants", "update", limited.id, ...options]);
  return { status, asked, stderr: (await api.close()).stderr };
}

test("a limit of the quota that is not named stays", async () => {
  const { asked } = await update("--max-deployments", "3", "--max-monthly-usd", "12.50");
  expect(asked).toEqual({ quota: { max_deployments: 3, max_monthly_usd: 12.5, allowed_sizes: ["s-1vcpu-1gb"] } });
  expect((await update("--no-quota")).asked).toEqual({ quota: {} });
  expect((await update("--name", "New")).asked).toEqual({ name: "New" });
});

test.for([
  ["--no-quota", "--max-deployments", "3"],
  ["--max-monthly-usd", "many"],
])("%s %s is refused, and nothing is sent", async (options) => {
  expect(await update(...options)).toMatchObject({ status: 2, asked: undefined });
});
