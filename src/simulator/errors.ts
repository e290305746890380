/** What an answer says when the API refuses. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly body: { readonly id: string; readonly message: string };

  constructor(status: number, message = usualError(status).message, id = usualError(status).id) {
    super(message);
    this.status = status;
    this.body = { id, message };
  }
}

const usual: Record<number, { id: string; message: string }> = {
  400: { id: "bad_request", message: "The request could not be understood." },
  401: { id: "unauthorized", message: "Unable to authenticate you." },
  403: { id: "forbidden", message: "You do not have access for the attempted action." },
  404: { id: "not_found", message: "The resource you were accessing could not be found." },
  409: { id: "conflict", message: "The request conflicts with the current state of the resource." },
  412: { id: "precondition_failed", message: "A precondition of the request does not hold." },
  413: { id: "bad_request", message: "The request body is too large." },
  // One that stays wrong when it is repeated; "pending event" and "please try again" do not.
  422: {
    id: "unprocessable_entity",
    message: "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)",
  },
  429: { id: "too_many_requests", message: "API Rate limit exceeded." },
};

/** The id and message that DigitalOcean sends with a status when there is nothing special to say. */
function usualError(status: number): { id: string; message: string } {
  const fallback =
    status >= 500 ? { id: "server_error", message: "Server was unable to give you a response." } : usual[400];
  return usual[status] ?? fallback ?? { id: "bad_request", message: "" };
}

/** What a refusal says. POST /v2/tags words its 400 in a shape of its own, whatever was wrong. */
export function refusalBody(route: string, error: ApiError, requestId: string): Record<string, unknown> {
  if (route !== "POST /v2/tags" || error.status !== 400) return { ...error.body, request_id: requestId };
  const told = `Error validating resource tag: ${error.message}`;
  return { error: told, messages: null, root_causes: [`rpc error: code = InvalidArgument desc = ${told}`] };
}

export const unprocessable = (message: string): ApiError => new ApiError(422, message);
export const notFound = (): ApiError => new ApiError(404);

/** DigitalOcean sits behind Cloudflare, whose own 5xx pages are HTML (terraform-provider#377). */
export const htmlPage = (status: number): string =>
  `<!DOCTYPE html>\n<html lang="en-US"><head><title>api.digitalocean.com | ${status}</title></head>` +
  `<body><div id="cf-error-details"><h1>Error code ${status}</h1><p>cloudflare</p></div></body></html>\n`;
