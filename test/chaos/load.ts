import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Dice } from "./dice.ts";
import type { Installation } from "./installation.ts";

const made = z.object({ id: z.uuid() });

/** Secrets that must turn up nowhere. */
export const plantedUserData = "#cloud-config planted-user-data-7f3a";

/** A client that does not give up: what got no answer is asked again, with the same key. */
export function client({ apiUrl, apiToken, server }: Installation) {
  return async (method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> => {
    const key = randomUUID();
    for (;;) {
      try {
        const response = await fetch(`${apiUrl}${path}`, {
          method,
          signal: AbortSignal.timeout(10_000),
          headers: {
            authorization: `Bearer ${apiToken}`,
            ...(method === "POST" && { "idempotency-key": key }),
            ...(body && { "content-type": "application/json" }),
          },
          ...(body && { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        const again = response.status >= 500 || (response.status === 409 && text.includes("idempotency"));
        if (!again) return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
      } catch {
        // The server, its database or the connection is away just now: that is the test.
      }
      if (server.diedOf !== undefined) throw new Error(`The server is gone: ${server.diedOf}`);
      await sleep(250);
    }
  };
}

/** Asks for `count` deployments, cancels some on the way and destroys some of them; returns when all was asked. */
export async function load(installation: Installation, count: number, dice: Dice, spreadMs: number): Promise<void> {
  const call = client(installation);
  const tenant = made.parse((await call("POST", "/v1/tenants", { slug: "storm", name: "Storm" })).body);
  const asked = Array.from({ length: count }, async (_, index) => {
    const at = dice.below(spreadMs);
    const [cancels, destroys, later] = [dice.chance(0.15), dice.chance(0.15), 500 + dice.below(8000)];
    await sleep(at);
    const hostname = `storm-${index}.example.com`;
    const spec = { region: "syd1", size_slug: "s-1vcpu-1gb", image: "ubuntu-24-04-x64", user_data: plantedUserData };
    const answer = await call("POST", "/v1/deployments", {
      ...spec,
      tenant_id: tenant.id,
      name: `storm-${index}`,
      hostname,
      provision: true,
    });
    if (answer.status !== 202) throw new Error(`The API refused: ${JSON.stringify(answer)}`);
    const { id } = made.parse(answer.body);
    await sleep(later);
    if (cancels) await call("POST", `/v1/deployments/${id}/cancel`, {});
    else if (destroys) await call("DELETE", `/v1/deployments/${id}`);
  });
  await Promise.all(asked);
}
