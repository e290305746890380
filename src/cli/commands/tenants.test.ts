import { json } from "node:stream/consumers";
import { expect, test } from "vitest";
import { openFakeApi, sendJson } from "#test/fake-api.ts";

const acme = {
  id: "0199e000-0000-7000-8000-000000000002",
  slug: "acme",
  name: "Acme",
  hostnames: [],
  labels: {},
  quota: { max_monthly_usd: 100, allowed_sizes: ["s-1vcpu-1gb"] },
  created_at: "2026-11-22T12:00:00.000Z",
  updated_at: "2026-11-22T12:00:00.000Z",
};

/** Updates acme. @returns the status, what was said, and the change that the API was asked for */
async function update(...options: string[]) {
  let asked: unknown;
  const api = await openFakeApi({
    [`GET /v1/tenants/${acme.id}`]: (_, response) => sendJson(response, 200, acme),
    [`PATCH /v1/tenants/${acme.id}`]: async (request, response) => {
      asked = await json(request);
      sendJson(response, 200, acme);
    },
  });
  const status = await api.run(["tenants", "update", acme.id, ...options]);
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
