import { createDroplet, dropletSpec } from "./steps/create-droplet.ts";
import { registerDroplet } from "./steps/register-droplet.ts";
import { waitDropletActive } from "./steps/wait-droplet-active.ts";
import { saga } from "./step-context.ts";

/** A droplet by itself, in the inventory and nobody's. */
export const provisionDroplet = saga("provision_droplet", dropletSpec)
  .step(createDroplet)
  .step(waitDropletActive)
  .step(registerDroplet);
