import type { FastifyReply, FastifyRequest } from "fastify";
import { access } from "./access.ts";
import { sendProblem } from "./problem.ts";

const routes = Object.keys(access).map((route) => {
  const [method = "", url = ""] = route.split(" ");
  return { method, pattern: new RegExp(`^${url.replaceAll(".", "\\.").replace(/:[a-z_]+/g, "[^/]+")}$`) };
});

/** 405 with the methods that the path takes, or 404 when there is no such path. */
export function answerUnknownRoute(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split("?", 1)[0] ?? "";
  const allowed = routes.filter((route) => route.pattern.test(path)).map((route) => route.method);
  if (allowed.length === 0) return sendProblem(reply, "not_found", "There is no such path; /openapi.json lists them");
  void reply.header("allow", allowed.join(", "));
  return sendProblem(reply, "method_not_allowed", `This path takes ${allowed.join(", ")}`);
}
