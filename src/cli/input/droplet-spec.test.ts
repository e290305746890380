import { json } from "node:stream/consumers";
import { expect, test } from "vitest";
import { openFakeApi, sendJson } from "#test/fake-api.ts";

const tenant = "0199e000-0000-7000-8000-000000000002";
const release = (size_slug: string | null) => ({
  name: "web-1",
  image: "debian-13-x64",
  size_slug,
  ssh_keys: [],
  has_user_data: false,
  health_check: null,
  monitoring: false,
  ipv6: false,
  backups: false,
  vpc_uuid: null,
  stateless: false,
  rollback_safe: false,
  volume: null,
  reserved_ip: false,
  created_at: "2026-11-22T12:00:00.000Z",
});

/** What `deploy --release web-1` asks the API for, of a size, where the release is so. */
async function askedSize(found: object | undefined): Promise<unknown> {
  let asked: unknown;
  const api = await openFakeApi({
    "GET /v1/releases/web-1": (_, response) => sendJson(response, found ? 200 : 404, found ?? {}),
    "GET /v1/catalogue": (_, response) =>
      sendJson(response, 200, { regions: [], sizes: [], images: [], read_at: null }),
    "POST /v1/deployments": async (request, response) => {
      asked = await json(request);
      sendJson(response, 422, {});
    },
  });
  await api.run(["deploy", "--tenant", tenant, "--hostname", "web.example.com", "--release", "web-1"]);
  await api.close();
  return asked;
}

test("the default size is for a release that names none, and for no other", async () => {
  expect(await askedSize(release(null))).toMatchObject({ release: "web-1", size_slug: "s-1vcpu-1gb" });
  for (const found of [release("s-2vcpu-4gb"), undefined]) {
    const asked = await askedSize(found);
    expect(asked).toMatchObject({ release: "web-1" });
    expect(asked).not.toHaveProperty("size_slug");
  }
});
