import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";
import { freePort } from "./free-port.ts";
import { provision, serveOn } from "./served.ts";
import { until } from "./stack.ts";
import { cloneDatabase, dropDatabase } from "./test-server.ts";

const snippet = fileURLToPath(new URL("../ops/nginx.conf", import.meta.url));
const hasNginx = spawnSync("nginx", ["-v"]).status === 0 && spawnSync("openssl", ["version"]).status === 0;
if (!hasNginx) console.log("nginx or openssl is not installed here: what goes through it is not tested");

const name = "cloud.example.com";

/** The snippet as it is shipped, but for its ports and the place of its certificate. */
async function startNginx(directory: string, target: string) {
  const port = await freePort();
  const [key, certificate] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...subject, ...made], { stdio: "ignore" });
  const site = (await readFile(snippet, "utf8"))
    .replace("listen 443 ssl", `listen 127.0.0.1:${port} ssl`)
    .replace("/etc/ssl/cloud.example.com.pem", certificate)
    .replace("/etc/ssl/private/cloud.example.com.key", key)
    .replace("http://127.0.0.1:4000", target);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${directory}/${kind};`,
  );
  await writeFile(
    join(directory, "nginx.conf"),
    `pid ${directory}/pid; error_log ${directory}/error.log; events {} http { access_log off; ${paths.join(" ")} ${site} }`,
  );
  const args = ["-p", directory, "-c", join(directory, "nginx.conf"), "-g", "daemon off;"];
  const child = spawn("nginx", args, { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const ca = await readFile(certificate);

  /** One request to the public name; `heard` gets each piece of the answer as it arrives. */
  const ask = (path: string, headers: Record<string, string>, body?: object, heard?: (piece: string) => void) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const sent = request(
        {
          host: "127.0.0.1",
          port,
          path,
          ca,
          servername: name,
          method: body ? "POST" : "GET",
          headers: { host: name, ...headers },
        },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (piece: string) => {
            text += piece;
            heard?.(piece);
          });
          answer.once("end", () => resolve({ status: answer.statusCode, text })).once("error", reject);
        },
      );
      sent.once("error", reject);
      sent.end(body && JSON.stringify(body));
    });
  await until(
    "nginx to answer",
    () =>
      ask("/healthz", {}).then(
        ({ status }) => status === 200,
        () => false,
      ),
    15_000,
  );
  return {
    ask,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

test.skipIf(!hasNginx)(
  "through nginx as ops/ has it: the public name, the client's address, and events as they happen",
  async () => {
    const server = inject("testServer");
    const database = `proxied_${process.pid}`;
    const url = await cloneDatabase(server, database);
    const directory = await mkdtemp(join(tmpdir(), "arcadia-nginx-"));
    try {
      await using served = await serveOn(url, {
        ARCADIA_PUBLIC_URL: `https://${name.toUpperCase()}/`,
        ARCADIA_TRUSTED_PROXIES: "127.0.0.1, ::1",
        ARCADIA_SIM_BOOT_MS: "2500",
      });
      const nginx = await startNginx(directory, served.url);
      try {
        const headers = { authorization: `Bearer ${served.token}`, "content-type": "application/json" };
        const spoofed = { ...headers, "x-forwarded-for": "203.0.113.9", "x-forwarded-host": "evil.example" };
        const made = await nginx.ask("/v1/tenants", spoofed, { slug: "globex", name: "Globex" });
        expect(made.status).toBe(201);
        const [entry] = (await served.get("GET", "/v1/audit")).body.items;
        // nginx was asked from this machine, whatever the client says.
        expect([entry.action, entry.address]).toEqual(["tenant.create", "127.0.0.1"]);

        const provisioning = provision(served, "acme");
        const saga = await until("a saga", async () => (await served.get("GET", "/v1/sagas")).body.items[0]);
        const pieces: { text: string; at: number }[] = [];
        const heard = (text: string) => void pieces.push({ text, at: Date.now() });
        const { status, text } = await nginx.ask(`/v1/sagas/${saga.id}/events`, headers, undefined, heard);
        expect(status).toBe(200);
        expect(text).toContain("activate_deployment");
        // The droplet takes 2.5 s to boot: buffered, the whole would have come at once.
        expect(pieces.at(-1)!.at - pieces[0]!.at).toBeGreaterThan(1500);
        await provisioning;
      } finally {
        await nginx.stop();
      }
    } finally {
      await dropDatabase(server, database);
      await rm(directory, { recursive: true });
    }
  },
);
