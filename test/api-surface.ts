import { z } from "zod";

const operation = z.looseObject({
  parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).optional(),
  requestBody: z.unknown().optional(),
});
const documentShape = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), operation)) });

/** What an OpenAPI document says can be asked: whoever adds a route or a field is tested without another word. */
export interface ApiSurface {
  /** `POST /v1/deployments/{id}/cancel` */
  readonly routes: readonly string[];
  readonly queryParameters: readonly string[];
  readonly bodyFields: readonly string[];
}

export function readSurface(document: unknown): ApiSurface {
  const { paths } = documentShape.parse(document);
  const routes: string[] = [];
  const queryParameters = new Set<string>();
  const bodyFields = new Set<string>();
  for (const [path, methods] of Object.entries(paths))
    for (const [method, { parameters = [], requestBody }] of Object.entries(methods)) {
      routes.push(`${method.toUpperCase()} ${path}`);
      for (const parameter of parameters) if (parameter.in === "query") queryParameters.add(parameter.name);
      for (const field of fieldsOf(requestBody, document)) bodyFields.add(field);
    }
  return { routes, queryParameters: [...queryParameters], bodyFields: [...bodyFields] };
}

/** The names of all properties at any depth, through references. */
function fieldsOf(schema: unknown, document: unknown, seen = new Set<unknown>()): string[] {
  if (typeof schema !== "object" || schema === null || seen.has(schema)) return [];
  seen.add(schema);
  const entries = Object.entries(schema);
  const own = entries.flatMap(([key, value]) => (key === "properties" ? Object.keys(value) : []));
  const target = entries.find(([key]) => key === "$ref")?.[1];
  const referred = typeof target === "string" ? fieldsOf(resolve(document, target), document, seen) : [];
  return [...own, ...referred, ...entries.flatMap(([, value]) => fieldsOf(value, document, seen))];
}

const resolve = (document: unknown, reference: string): unknown =>
  reference
    .replace("#/", "")
    .split("/")
    .reduce<unknown>((at, key) => z.record(z.string(), z.unknown()).parse(at)[key], document);
