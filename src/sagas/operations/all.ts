import type { Operation } from "./operation.ts";
import { repair, replace } from "./replace.ts";
import { rebuild, restore } from "./rebuild.ts";
import { resize } from "./resize.ts";
import { snapshot } from "./snapshot.ts";
import { suspend, unsuspend } from "./suspend.ts";
import { unadopt } from "./unadopt.ts";

/** Everything that can be asked of an active deployment, by the names of `api/operations.ts`. */
export const allOperations: Readonly<Record<string, Operation>> = {
  resize,
  replace,
  repair,
  rebuild,
  snapshot,
  restore,
  suspend,
  unsuspend,
  unadopt,
};
