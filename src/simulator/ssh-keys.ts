import { z } from "zod";
import type { Account } from "./account-state.ts";
import { bodyOf, type Call, idOf, param, type Reply } from "./call.ts";
import { notFound, unprocessable } from "./errors.ts";
import { page } from "./pagination.ts";
import { fingerprintOf, type SshKey } from "./ssh-key.ts";

/** By id, as a number or its digits, or by fingerprint; never by name. */
export function findKey(account: Account, identifier: unknown): SshKey | undefined {
  const byId = account.keys.get(typeof identifier === "number" ? identifier : idOf(String(identifier)));
  return byId ?? [...account.keys.values()].find((key) => key.fingerprint === identifier);
}

const body = ({ id, name, fingerprint, publicKey }: SshKey): object => ({
  id,
  name,
  fingerprint,
  public_key: publicKey,
});

function keyOfPath(call: Call): SshKey {
  const key = findKey(call.account, param(call, 0));
  if (!key) throw notFound();
  return key;
}

function nameOf(name: unknown): string {
  if (typeof name !== "string" || name.trim() === "") throw unprocessable("Name can't be blank");
  return name;
}

/** GET /v2/account/keys, which has a rate limit of its own. */
export const listKeys = (call: Call): Reply => page(call, "ssh_keys", [...call.account.keys.values()], body);

/** GET /v2/account/keys/{id or fingerprint} */
export const getKey = (call: Call): Reply => ({ status: 200, body: { ssh_key: body(keyOfPath(call)) } });

/** POST /v2/account/keys: the same key is there once. */
export function createKey(call: Call): Reply {
  const { account } = call;
  const sent = bodyOf(call, z.object({ name: z.unknown().optional(), public_key: z.string().default("") }));
  const name = nameOf(sent.name);
  const publicKey = sent.public_key.trim();
  const fingerprint = fingerprintOf(publicKey);
  if (fingerprint === undefined) throw unprocessable("Key invalid, key should be of the format `type key [comment]`");
  if (findKey(account, fingerprint)) throw unprocessable("SSH Key is already in use on your account");
  const key = { id: account.nextId++, name, fingerprint, publicKey };
  account.keys.set(key.id, key);
  return { status: 201, body: { ssh_key: body(key) } };
}

/** PUT /v2/account/keys/{id or fingerprint}: its name. */
export function updateKey(call: Call): Reply {
  const key = keyOfPath(call);
  key.name = nameOf(bodyOf(call, z.object({ name: z.unknown().optional() })).name);
  return { status: 200, body: { ssh_key: body(key) } };
}

/** DELETE /v2/account/keys/{id or fingerprint} */
export function deleteKey(call: Call): Reply {
  call.account.keys.delete(keyOfPath(call).id);
  return { status: 204 };
}
