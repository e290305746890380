import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { type ServedFile, servedFile } from "./served-file.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The page itself under `index.html`, its parts under their names; read and packed once, served from memory. */
export async function readDashboard(directory: string): Promise<ReadonlyMap<string, ServedFile>> {
  const assets = join(directory, "assets");
  const names = await readdir(assets);
  const files = [join(directory, "index.html"), ...names.map((name) => join(assets, name))];
  const read = await Promise.all(files.map(readOne));
  return new Map(["index.html", ...names].flatMap((name, index) => (read[index] ? [[name, read[index]]] : [])));
}

const readOne = async (path: string): Promise<ServedFile> =>
  servedFile(types[extname(path)] ?? "application/octet-stream", await readFile(path));
