import { createHash } from "node:crypto";

/** What DigitalOcean takes, in bytes of UTF-8. */
export const longestUserData = 64 * 1024;

/** What a droplet is told of itself. */
export interface Told {
  readonly hostname: string;
  /** The tenant's slug. */
  readonly tenant: string;
  /** The deployment's id. */
  readonly deployment: string;
  readonly release: string | null;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * The user_data of a droplet that is told of itself, for cloud-init: a MIME multipart whose first part is a boothook that
 * writes /etc/arcadia/deployment.env (0600) at every boot, before anything else runs. `userData` follows unchanged.
 */
export function assembleUserData(told: Told, userData: string | undefined): string {
  const parts = [part("text/cloud-boothook", boothook(told)), ...(userData === undefined ? [] : [given(userData)])];
  const boundary = wordOutside(parts.join("\n"), "arcadia-part");
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    "MIME-Version: 1.0",
    "",
    ...parts.flatMap((it) => [`--${boundary}`, it]),
    `--${boundary}--`,
    "",
  ].join("\n");
}

export const sizeOf = (text: string): number => Buffer.byteLength(text);

/** What a shell reads, by `. file`, and systemd, as an EnvironmentFile: both take these escapes within double quotes. */
export const environmentFile = ({ hostname, tenant, deployment, release, variables }: Told): string =>
  Object.entries({
    ARCADIA_HOSTNAME: hostname,
    ARCADIA_TENANT: tenant,
    ARCADIA_DEPLOYMENT: deployment,
    ARCADIA_RELEASE: release ?? "",
    ...variables,
  })
    .map(([name, value]) => `${name}="${value.replace(/[\\"$`]/g, "\\$&")}"\n`)
    .join("");

const file = "/etc/arcadia/deployment.env";

function boothook(told: Told): string {
  const lines = environmentFile(told);
  const end = wordOutside(lines, "ARCADIA_END");
  return `#cloud-boothook
#!/bin/sh
# Arcadia Cloud tells the droplet who it is, at every boot. A change takes a new droplet: arcadia deployments replace.
set -eu
umask 077
mkdir -p ${file.replace(/\/[^/]*$/, "")}
cat > ${file}.new <<'${end}'
${lines}${end}
mv ${file}.new ${file}
`;
}

/**
 * The word, or where the text holds it the word with the text's own hash, which no text can hold: both cost one look through it,
 * whatever a tenant has written.
 */
const wordOutside = (text: string, word: string): string =>
  text.includes(word) ? `${word}-${createHash("sha256").update(text).digest("hex").slice(0, 32)}` : word;

/**
 * As cloud-init takes user_data that comes by itself: one that is MIME already is a part as it stands, and of any other
 * it finds the type by the first line, as it does where a part says text/plain.
 */
const given = (userData: string): string =>
  userData.slice(0, 4096).toLowerCase().includes("mime-version:") ? userData : part("text/plain", userData);

/**
 * cloud-init reads a message as text and gives its parts back as bytes: of what is not ASCII only Base64 arrives as it was
 * (Python's email package writes \u20ac for a euro sign otherwise), and of line ends only line feeds.
 */
const plain = /^[\t\n\x20-\x7e]*$/;

function part(type: string, text: string): string {
  const head = `Content-Type: ${type}; charset="utf-8"\nMIME-Version: 1.0\nContent-Transfer-Encoding: `;
  if (plain.test(text)) return `${head}7bit\n\n${text}`;
  const base64 = Buffer.from(text).toString("base64");
  return `${head}base64\n\n${base64.replace(/.{1,76}/g, "$&\n")}`;
}
