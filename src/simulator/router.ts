import type { Call, Reply } from "./call.ts";

export type Handler = (call: Call) => Reply;

/** Method, template, what the token must be allowed to do, if anything, and the function that answers. */
export type Route = readonly [method: string, template: string, scope: string | undefined, handler: Handler];

export interface Match {
  /** Method and template, as the request counts name it. */
  route: string;
  scope: string | undefined;
  handler: Handler;
  params: string[];
}

export interface Router {
  match(method: string, path: string): Match | undefined;
  /** Whether the path is there, for one method or another. */
  knows(path: string): boolean;
}

/** Finds a request's route, the first that fits; `{…}` in a template is one segment of the path. */
export function routerOf(routes: readonly Route[]): Router {
  const patterns = routes.map(([method, template, scope, handler]) => ({
    method,
    path: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "([^/]+)")}$`),
    found: { route: `${method} ${template}`, scope, handler },
  }));
  return {
    match(method, path) {
      for (const pattern of patterns) {
        if (pattern.method !== method) continue;
        const params = pattern.path.exec(path);
        if (params) return { ...pattern.found, params: params.slice(1).map(decode) };
      }
      return undefined;
    },
    knows: (path) => patterns.some((pattern) => pattern.path.test(path)),
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
