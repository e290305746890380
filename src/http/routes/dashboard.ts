import { z } from "zod";
import { paths } from "#api/paths.ts";
import { notFound } from "#refusal.ts";
import type { Routes } from "../plumbing/app.ts";
import { readDashboard } from "../plumbing/dashboard-files.ts";
import { HttpProblem } from "../plumbing/problem.ts";
import { sendFile, type ServedFile } from "../plumbing/served-file.ts";

/** Nothing but our own files, no code in the page, and nobody may frame it. Plain http stays plain http. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The dashboard: one page and its files, sent to anybody. What it shows it asks of the API, with a token. */
export const dashboardRoutes: Routes = (app, { dashboard, log }) => {
  // Read when first asked for, so that a build that still runs keeps nobody from the API.
  let files: Promise<ReadonlyMap<string, ServedFile>> | undefined;
  const find = async (name: string): Promise<ServedFile> => {
    if (!dashboard) throw new HttpProblem("not_found", "This server has no dashboard");
    try {
      files ??= dashboard().then(readDashboard);
      const file = (await files).get(name);
      if (file) return file;
    } catch (error) {
      files = undefined;
      log.error({ err: error }, "The dashboard cannot be served; the API is not touched by that");
      throw new HttpProblem(
        "unavailable",
        "The dashboard could not be built; the server's log says why. The API and the command arcadia work",
      );
    }
    throw notFound("file of the dashboard", name);
  };

  app.get(paths.dashboard, { schema: { hide: true, querystring: z.looseObject({}) } }, async (request, reply) => {
    void reply.header("content-security-policy", policy).header("cache-control", "no-cache");
    return sendFile(request, reply, await find("index.html"));
  });

  app.get(
    paths.dashboardFile,
    { schema: { hide: true, params: z.object({ file: z.string() }) } },
    async (request, reply) => {
      const file = await find(request.params.file);
      // Their names hold a hash of what they hold.
      void reply.header("cache-control", "public, max-age=31536000, immutable");
      return sendFile(request, reply, file);
    },
  );
};
