import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);

/**
 * Debian's cloud-init at work as it is on a droplet: it takes user_data apart with its own processor, writes the boothook
 * with its own handler and runs it, and says which handler would get each part.
 */
const program = `
import base64, json, os, sys
from unittest import mock
from cloudinit import handlers, helpers, user_data, util
from cloudinit.handlers import boot_hook, shell_script, cloud_config

where, file = sys.argv[1:3]
paths = helpers.Paths({"cloud_dir": os.path.join(where, "cloud"), "run_dir": os.path.join(where, "run")})
raw = open(file, "rb").read()
message = user_data.UserDataProcessor(paths).process(raw)

class Source:
    def get_instance_id(self): return "i-1"
    def get_ipath(self, *a): return os.path.join(where, "boothooks")
paths.datasource = None
paths.get_ipath = lambda *a, **k: os.path.join(where, "boothooks")
hook = boot_hook.BootHookPartHandler(paths, Source())
parts = []
for part in message.walk():
    if part.is_multipart(): continue
    payload = util.fully_decoded_payload(part)
    kind = part.get_content_type()
    parts.append({"type": kind, "text": base64.b64encode(
        payload if isinstance(payload, bytes) else payload.encode("utf-8", "surrogateescape")).decode()})
    if kind == "text/cloud-boothook":
        text = payload if isinstance(payload, str) else payload.decode()
        hook.handle_part(None, kind, part.get_filename(), text.replace("/etc/arcadia", where + "/etc"), None)
print(json.dumps(parts))
`;

const shape = z.array(z.object({ type: z.string(), text: z.string() }));

export interface Booted {
  /** Each part with the type that cloud-init goes by. */
  readonly parts: readonly { readonly type: string; readonly text: string }[];
  /** What the boothook wrote, in the place of /etc/arcadia. */
  readonly directory: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @returns undefined where cloud-init is not installed: `apt-get install cloud-init` has it */
export async function cloudInitVersion(): Promise<string | undefined> {
  const script = "import cloudinit.version as v; print(v.version_string())";
  return run("/usr/bin/python3", ["-c", script]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

/** What a droplet makes of this user_data at its first boot. */
export async function boot(userData: string): Promise<Booted> {
  const where = await mkdtemp(join(tmpdir(), "arcadia-cloud-init-"));
  await writeFile(join(where, "user-data"), userData);
  const { stdout } = await run("/usr/bin/python3", ["-c", program, where, join(where, "user-data")]);
  const parts = shape.parse(JSON.parse(stdout));
  return {
    parts: parts.map(({ type, text }) => ({ type, text: Buffer.from(text, "base64").toString() })),
    directory: join(where, "etc"),
    [Symbol.asyncDispose]: () => rm(where, { recursive: true, force: true }),
  };
}

/** What a shell has of the variables after `. file`. */
export async function sourced(file: string, names: readonly string[]): Promise<Record<string, string>> {
  const print = names.map((name) => `printf '%s\\0' "$${name}"`).join("; ");
  const { stdout } = await run("/bin/sh", ["-euc", `. "${file}"; ${print}`]);
  const values = stdout.split("\0");
  return Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""]));
}
