import { destroyDroplet as destroy, doomedDroplet } from "./steps/destroy-droplet.ts";
import { saga } from "./step-context.ts";

export const destroyDroplet = saga("destroy_droplet", doomedDroplet).pivot(destroy);
