import manifest from "../../../package.json" with { type: "json" };
import swagger from "@fastify/swagger";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";
import { idempotencyKey } from "#api/fields.ts";
import { paths } from "#api/paths.ts";
import { problem } from "#api/problem.ts";
import { access } from "./access.ts";
import type { App } from "./app.ts";
import { sendFile, type ServedFile, servedFile } from "./served-file.ts";

const noQuery = z.strictObject({});
const problems = {
  description: "What went wrong, as RFC 9457 says",
  content: { "application/problem+json": { schema: problem } },
};
const keyHeader = z.looseObject({ "idempotency-key": idempotencyKey.optional() });

/** OpenAPI 3.1 out of the schemas that validate; also what every route has in common. Register before any route. */
export async function describeApi(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Arcadia Cloud",
        version: manifest.version,
        description: "One dedicated DigitalOcean droplet per customer, provisioned by durable, compensating sagas.",
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  app.addHook("onRoute", (route) => {
    const rule = access[`${String(route.method)} ${route.url}`];
    if (!rule)
      throw new Error(`${String(route.method)} ${route.url} has no entry in the table of src/http/plumbing/access.ts`);
    const { response, ...schema } = route.schema ?? {};
    route.schema = {
      // Without one of its own, a route takes no query parameter.
      querystring: noQuery,
      ...(route.method === "POST" && { headers: keyHeader }),
      ...schema,
      tags: [route.url.split("/")[2] ?? "operation"],
      ...(rule.role === "open" && { security: [] }),
      response: { ...(typeof response === "object" ? response : {}), default: problems },
    };
  });
}

export function serveDocument(app: App): void {
  // Anybody may ask for it, and every route is in it only once the server is ready.
  let file: ServedFile | undefined;
  app.get(paths.openapi, { schema: { summary: "This document" } }, (request, reply) => {
    file ??= servedFile("application/json", Buffer.from(JSON.stringify(app.swagger())));
    return sendFile(request, reply, file);
  });
}
