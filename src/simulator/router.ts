import type { Call, Reply } from "./call.ts";

export type Handler = (call: Call) => Reply;

/** Method, template, what the token must be allowed to do, and the function that answers. */
export type Route = readonly [method: string, template: string, scope: string, handler: Handler];

export interface Match {
  /** Method and template, as the request counts name it. */
  route: string;
  scope: string;
  handler: Handler;
  params: string[];
}

export type Router = (method: string, path: string) => Match | undefined;

/** Finds a request's route; `{…}` in a template is one segment of the path. */
export function routerOf(routes: readonly Route[]): Router {
  const patterns = routes.map(([method, template, scope, handler]) => ({
    method,
    path: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "([^/]+)")}$`),
    match: { route: `${method} ${template}`, scope, handler },
  }));
  return (method, path) => {
    for (const pattern of patterns) {
      if (pattern.method !== method) continue;
      const found = pattern.path.exec(path);
      if (found) return { ...pattern.match, params: found.slice(1).map(decode) };
    }
    return undefined;
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    // Broken escapes name nothing, which the route answers with its 404.
    if (error instanceof URIError) return segment;
    throw error;
  }
}
