import { z } from "zod";
import type { Droplet } from "./account-state.ts";
import { bodyOf, type Call, idOf, type Reply } from "./call.ts";
import { isFound } from "./droplet-view.ts";
import { notFound, unprocessable } from "./errors.ts";
import { attachTag, detachTag, tagOfPath } from "./tags.ts";

const shape = z.object({
  resources: z.array(z.object({ resource_id: z.string(), resource_type: z.string() })).min(1),
});

/** The droplets that the body names. One that is not there refuses the whole call. */
function namedDroplets(call: Call): Droplet[] {
  call.allow("droplet:update");
  return bodyOf(call, shape).resources.map((resource) => {
    if (resource.resource_type !== "droplet") throw unprocessable(`${resource.resource_type} cannot be tagged here`);
    const droplet = call.account.droplets.get(idOf(resource.resource_id));
    if (!droplet || !isFound(droplet, call.now)) throw notFound();
    return droplet;
  });
}

/** POST /v2/tags/{id}/resources */
export function tagResources(call: Call): Reply {
  const tag = tagOfPath(call);
  for (const droplet of namedDroplets(call)) attachTag(call.account, droplet, tag.name, call.now);
  return { status: 204 };
}

/** DELETE /v2/tags/{id}/resources */
export function untagResources(call: Call): Reply {
  const tag = tagOfPath(call);
  for (const droplet of namedDroplets(call)) detachTag(call.account, droplet, tag.name);
  return { status: 204 };
}
