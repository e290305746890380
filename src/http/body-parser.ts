import type { FastifyInstance } from "fastify";
import { cut } from "#well-formed.ts";
import { HttpProblem } from "./problem.ts";

/** Reads JSON bodies in UTF-8. An empty body is none, whatever its content type says. */
export function parseBodies(app: Pick<FastifyInstance, "addContentTypeParser" | "removeAllContentTypeParsers">): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(body));
      done(null, text.trim() === "" ? undefined : JSON.parse(text));
    } catch (error) {
      const why = error instanceof Error ? error.message : "unknown";
      done(new HttpProblem("malformed_request", `The body is not JSON in UTF-8: ${cut(why, 200)}`));
    }
  });
}
