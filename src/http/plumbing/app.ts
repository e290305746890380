import type {
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { id } from "#api/fields.ts";
import type { Log } from "#log.ts";
import type { Changer } from "./change.ts";
import type { Dependencies } from "./dependencies.ts";

/** The server, with bodies and answers typed by their zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  Log,
  ZodTypeProvider
>;

/** The routes of one noun. */
export type Routes = (app: App, deps: Dependencies & { readonly change: Changer }) => void;

export const idInPath = z.object({ id });
/** A body that may be left out; if there is one it is empty. */
export const noBody = z.strictObject({}).nullish();

export const nothing = z.undefined().describe("Nothing");
