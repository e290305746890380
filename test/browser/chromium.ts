import { readFileSync } from "node:fs";
import { access, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflate } from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";
import { z } from "zod";

const packed = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "../bin");
const parts = ["chromium.br", "fonts.tar.br", "al2023.tar.br"];
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(packed, "../package.json"), "utf8")));
/** Of each release and each user its own. */
const unpacked = join(tmpdir(), `arcadia-chromium-${version}-${process.getuid?.() ?? 0}`);
const fontsFile = join(unpacked, "fonts.conf");

/** The one that comes along knows only the places of a cloud function; without any font Chromium ends at its first text. */
const fontsConfig = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(unpacked, "fonts")}</dir>
  <cachedir>${join(unpacked, "fonts-cache")}</cachedir>
</fontconfig>
`;

/** A real Chromium that came by npm alone. It speaks to nobody but the pages it is told to open. */
export async function startChromium(): Promise<Browser> {
  // It is packed for Linux on x64 alone; elsewhere the Chrome of the machine does.
  if (process.platform !== "linux" || process.arch !== "x64") return chromium.launch({ channel: "chrome" });
  await unpack();
  const launch = (env: Record<string, string>) =>
    chromium.launch({
      executablePath: join(unpacked, "chromium"),
      args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
      env: { HOME: unpacked, FONTCONFIG_FILE: fontsFile, ...env },
    });
  try {
    return await launch({});
  } catch (error) {
    // A machine without the libraries of a desktop uses those that came along.
    if (!String(error).includes("shared libraries")) throw error;
    return launch({ LD_LIBRARY_PATH: join(unpacked, "al2023/lib") });
  }
}

/** Unpacks it once per machine: beside its place, and moved there whole, since several tests may do so at once. */
async function unpack(): Promise<void> {
  const there = await access(fontsFile).then(
    () => true,
    () => false,
  );
  if (there) return;
  const before = process.env["TMPDIR"];
  const draft = await mkdtemp(`${unpacked}-`);
  process.env["TMPDIR"] = draft;
  try {
    for (const part of parts) await inflate(join(packed, part));
    await writeFile(join(draft, "fonts.conf"), fontsConfig);
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
  await rename(draft, unpacked).catch(() => rm(draft, { recursive: true }));
}
