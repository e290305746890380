import type { FastifyReply, FastifyRequest } from "fastify";
import { access } from "./access.ts";
import { sendProblem } from "./problem.ts";

const routes = Object.keys(access).map((route) => {
  const [method = "", url = ""] = route.split(" ");
  return { method, segments: url.split("/") };
});

/** `:id` stands for any segment that is not empty. */
const fits = (segments: readonly string[], path: readonly string[]): boolean =>
  segments.length === path.length &&
  segments.every((segment, at) => (segment.startsWith(":") ? path[at] !== "" : segment === path[at]));

/** 405 with the methods that the path takes, or 404 when there is no such path; 400 when it cannot be decoded. */
export function answerUnknownRoute(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (request.url !== request.originalUrl)
    return sendProblem(reply, "malformed_request", "The path is not URL-encoded UTF-8");
  const path = (request.url.split("?", 1)[0] ?? "").split("/");
  const allowed = routes.filter(({ segments }) => fits(segments, path)).map((route) => route.method);
  if (allowed.length === 0) return sendProblem(reply, "not_found", "There is no such path; /openapi.json lists them");
  void reply.header("allow", allowed.join(", "));
  return sendProblem(reply, "method_not_allowed", `This path takes ${allowed.join(", ")}`);
}
