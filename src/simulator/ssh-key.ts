import { createHash } from "node:crypto";
import { z } from "zod";

export const sshKeySchema = z.object({
  id: z.number().int(),
  name: z.string(),
  fingerprint: z.string(),
  publicKey: z.string(),
});

export type SshKey = z.infer<typeof sshKeySchema>;

/** MD5 of the key's bytes, as hex with colons; nothing when it is no `type key [comment]`. */
export function fingerprintOf(publicKey: string): string | undefined {
  const [type = "", key = ""] = publicKey.trim().split(/\s+/, 2);
  const bytes = Buffer.from(key, "base64");
  // The bytes begin with the length and name of the type once more (RFC 4253, 6.6).
  if (!/^[a-z0-9@.-]+$/.test(type) || bytes.subarray(4, 4 + type.length).toString("latin1") !== type) return undefined;
  return createHash("md5")
    .update(bytes)
    .digest("hex")
    .replaceAll(/(..)(?=.)/g, "$1:");
}

const operatorKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEaQde8iCKizUOiXlowY1iEL1yCufgjb3aiatGQNPcHb operator";

/** The one that an account has at its start. */
export const firstKey: SshKey = {
  id: 512189,
  name: "operator",
  fingerprint: fingerprintOf(operatorKey) ?? "",
  publicKey: operatorKey,
};
