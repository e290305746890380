import { z } from "zod";
import { dropletName, image, region, sizeSlug, sshKeys, userData } from "./fields.ts";
import { flag } from "./page.ts";

/** A droplet without a deployment. */
export const newDroplet = z
  .strictObject({
    name: dropletName,
    region,
    size_slug: sizeSlug,
    image,
    ssh_keys: sshKeys.default([]),
    user_data: userData.optional(),
  })
  .meta({ id: "NewDroplet" });

/** `unmanaged=true` destroys a droplet that was not made here; admins only. */
export const dropletDeleteQuery = z.strictObject({ unmanaged: flag.default(false) });
