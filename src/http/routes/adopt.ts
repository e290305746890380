import { adoption, adoptionPreview, type AdoptionPreview, adoptionQuery } from "#api/adopt.ts";
import { deployment } from "#api/deployments.ts";
import { paths } from "#api/paths.ts";
import type { Tx } from "#db/connection.ts";
import { transact } from "#db/transact.ts";
import { planAdoption, type AdoptionAsked, type PlannedAdoption } from "#operations/adopt-deployment.ts";
import type { Routes } from "../plumbing/app.ts";
import { showDeployment } from "./deployment-show.ts";
import { presentImage } from "./present.ts";

/** What is there already becomes a deployment. */
export const adoptRoutes: Routes = (app, { db, clock, ids, sagas, zone, change }) => {
  app.post(
    paths.deploymentAdopt,
    {
      schema: {
        summary: "Adopt a droplet that is there already, and its DNS record if wanted; only a tag of it is changed",
        description: "With `preview=true`: what it would do, and nothing is started",
        querystring: adoptionQuery,
        body: adoption,
        response: { 200: adoptionPreview, 202: deployment },
      },
    },
    async (request, reply) => {
      const asked = request.body;
      const plan = (tx: Tx, now: Date) => planAdoption(tx, sagas, asked, { zone, ids, now });
      if (request.query.preview) return transact(db, async (tx) => previewOf(asked, await plan(tx, clock.now())));
      return change(request, reply, async ({ tx, now }) => {
        const id = await (await plan(tx, now)).start();
        return {
          status: 202,
          body: await showDeployment(tx, id, null),
          location: `${paths.deployments}/${id}`,
          audit: {
            action: "deployment.adopt",
            object_type: "deployment",
            object_id: id,
            tenant_id: asked.tenant_id,
            detail: { hostname: asked.hostname, provider_id: asked.provider_id, dns: asked.dns },
          },
        };
      });
    },
  );
};

function previewOf(asked: AdoptionAsked, { droplet, steps }: PlannedAdoption): AdoptionPreview {
  const { tenant_id, hostname, dns } = asked;
  const { name, provider_id: id, public_ipv4: address } = droplet;
  return {
    tenant_id,
    hostname,
    dns,
    droplet: { ...droplet, image: presentImage(droplet.image) },
    steps: [...steps],
    does: [
      `Our install tag is put on droplet ${id} (${name}); nothing else of it is changed, and it is not restarted`,
      dns === "manage"
        ? `The A record of ${hostname} becomes ours as it stands: it goes when the deployment is destroyed`
        : `DNS is left alone; the deployment cannot be destroyed while a record of the account's zone leads to ${address}`,
      "The deployment is protected from the start: an admin has to lift that before anything destroys it",
      "It can be given back: arcadia deployments unadopt",
    ],
    cannot_see: [
      "A Terraform state, or another tool's, that has this droplet or its record: take them out of it first, else its next run undoes this",
      "What is installed on the droplet, and firewalls, volumes, load balancers and reserved IPs that it is attached to",
      ...(dns === "keep" ? ["DNS records outside the zone that lead to it"] : []),
    ],
  };
}
