import type { z } from "zod";
import { deployment } from "#api/deployments.ts";
import { fill, paths } from "#api/paths.ts";
import { release as releaseShape } from "#api/releases.ts";
import { tenant } from "#api/tenants.ts";
import { systemClock } from "#clock.ts";

export type Deployment = z.output<typeof deployment>;

const lookMs = 150;
const hasEnded = ({ status, operation }: Deployment): boolean =>
  operation === null && ["active", "cancelled", "terminated"].includes(status);

/** The few calls that the demo makes, as any client would: over HTTP, with the admin token. */
export interface DemoApi {
  ready(): Promise<void>;
  /** A release whose app is asked over HTTP whether it is well. */
  release(name: string): Promise<void>;
  /** @param release what it runs; without one, a bare Ubuntu that nobody asks */
  deploy(tenant: string, hostname: string, release?: string): Promise<Deployment>;
  /** Asks for a new droplet of this release in the place of the deployment's. */
  replace(id: string, release: string): Promise<Deployment>;
  get(id: string): Promise<Deployment>;
  untilStepDone(deployment: Deployment, step: string): Promise<void>;
  untilEnded(deployment: Deployment, seen: (now: Deployment) => void): Promise<Deployment>;
}

export function demoApi(url: string, token: string, signal: AbortSignal): DemoApi {
  const send = async <S extends z.ZodType>(method: string, path: string, schema: S, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method,
      signal,
      headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return schema.parse(JSON.parse(text));
  };
  const get = (id: string) => send("GET", `${paths.deployments}/${id}`, deployment);
  const until = async (id: string, done: (now: Deployment) => boolean): Promise<Deployment> => {
    for (;;) {
      const now = await get(id);
      if (done(now)) return now;
      await systemClock.sleep(lookMs, signal);
    }
  };
  return {
    async ready() {
      while (!(await fetch(`${url}${paths.readiness}`, { signal })).ok) await systemClock.sleep(lookMs, signal);
    },
    async release(name) {
      const health_check = { protocol: "http", port: 80, path: "/healthz", interval_seconds: 1, deadline_seconds: 8 };
      const user_data = '#!/bin/sh\n. /etc/arcadia/deployment.env\nexec start-the-app --greeting "$GREETING"\n';
      await send("POST", paths.releases, releaseShape, { name, image: "ubuntu-24-04-x64", user_data, health_check });
    },
    async deploy(slug, hostname, release) {
      const owner = await send("POST", paths.tenants, tenant, { slug, name: slug });
      const what = release === undefined ? { image: "ubuntu-24-04-x64" } : { release, variables: { GREETING: slug } };
      const spec = { region: "syd1", size_slug: "s-1vcpu-1gb", ...what, provision: true };
      return send("POST", paths.deployments, deployment, { tenant_id: owner.id, name: slug, hostname, ...spec });
    },
    replace(id, release) {
      const path = fill(paths.deploymentOperation, { id, operation: "replace" });
      return send("POST", path, deployment, { release, bake_seconds: 3, discard_disk: true });
    },
    get,
    async untilStepDone({ id }, step) {
      await until(
        id,
        (now) =>
          hasEnded(now) || (now.saga?.steps.some((it) => it.name === step && it.status === "completed") ?? false),
      );
    },
    untilEnded: ({ id }, seen) =>
      until(id, (now) => {
        seen(now);
        return hasEnded(now);
      }),
  };
}
