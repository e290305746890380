import { existsSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import type { Json } from "./test-simulator.ts";

const file = new URL("../../shared/digitalocean/openapi-subset.json", import.meta.url);

/** Whether DigitalOcean's own API document lies beside the checkout; it is not part of the project. */
export const documentIsThere = existsSync(file);

const methods = new Set(["get", "post", "put", "patch", "delete"]);

/** The document's operations, as `GET /v2/droplets/{droplet_id}`. */
export function officialOperations(): string[] {
  const paths: Json = JSON.parse(readFileSync(file, "utf8")).paths;
  return Object.entries<Json>(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => methods.has(key))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** A fault in an answer, by the official document, or nothing. */
export type CheckAnswer = (method: string, path: string, status: number, body: unknown) => string | undefined;

/** Checks answers against the document: the operation is there, and the body is what it lists for this status. */
export function officialDocument(): CheckAnswer {
  const document = JSON.parse(readFileSync(file, "utf8"));
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  ajv.addSchema(document, "official");
  // `/v2/droplets/actions` is itself, and no droplet's path.
  const literalFirst = Object.keys(document.paths).toSorted((a, b) => a.split("{").length - b.split("{").length);
  const paths = literalFirst.map((template) => ({
    template,
    pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
  }));
  return (method, path, status, body) => {
    const template = paths.find((each) => each.pattern.test(path))?.template;
    const responses = template && document.paths[template][method.toLowerCase()]?.responses;
    if (!responses) return `${method} ${path} is not in the document`;
    if (status < 300 && !responses[status]) return `${method} ${path} does not answer ${status}`;
    const listed = responses[status] ?? responses.default;
    const pointer: string = listed.$ref ?? "";
    const response = document.components.responses[pointer.split("/").at(-1) ?? ""];
    if (!response?.content) return body === "" ? undefined : `${method} ${path} ${status} has a body`;
    const escaped = `${pointer}/content/application~1json/schema`;
    const validate = ajv.getSchema(`official${escaped}`) ?? ajv.compile({ $ref: `official${escaped}` });
    if (!validate(body)) return `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}`;
    const known = namedProperties(document, { $ref: `${pointer}/content/application~1json/schema` });
    const unknown = Object.keys(Object(body)).filter((key) => !known.includes(key));
    return unknown.length === 0 ? undefined : `${method} ${path} ${status}: ${unknown.join()} is not in the document`;
  };
}

/** Most schemas of the document require nothing and refuse nothing, so a misspelt key would pass them. */
function namedProperties(document: Json, schema: Json): string[] {
  if (schema.$ref) {
    const steps: string[] = schema.$ref.slice(2).split("/");
    return namedProperties(
      document,
      steps.reduce((part, step) => part[step.replaceAll("~1", "/")], document),
    );
  }
  const parts: unknown[] = [...(schema.allOf ?? []), ...(schema.oneOf ?? [])];
  return [...Object.keys(schema.properties ?? {}), ...parts.flatMap((part) => namedProperties(document, part))];
}
