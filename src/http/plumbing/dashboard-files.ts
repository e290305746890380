import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** A file of the dashboard as it is sent. */
export interface DashboardFile {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The page itself under `index.html`, its parts under their names; read and packed once, served from memory. */
export async function readDashboard(directory: string): Promise<ReadonlyMap<string, DashboardFile>> {
  const assets = join(directory, "assets");
  const names = await readdir(assets);
  const files = [join(directory, "index.html"), ...names.map((name) => join(assets, name))];
  const read = await Promise.all(files.map(readOne));
  return new Map(["index.html", ...names].flatMap((name, index) => (read[index] ? [[name, read[index]]] : [])));
}

async function readOne(path: string): Promise<DashboardFile> {
  const plain = await readFile(path);
  return {
    type: types[extname(path)] ?? "application/octet-stream",
    etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 27)}"`,
    plain,
    gzipped: gzipSync(plain, { level: 9 }),
  };
}
