import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** Seals what must not be readable in the database. */
export interface SecretBox {
  /** `context` binds the box to its owner: it opens only with the same one. */
  seal(plain: string, context: string): Buffer;
  /** @throws when the box was sealed with another key or context, or has been changed. */
  open(sealed: Buffer, context: string): string;
  /** A keyed hash: equal texts are recognised, but not guessed from a copy of the database. */
  digest(text: string): Buffer;
}

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes;

/**
 * AES-256-GCM with a random nonce and the context as additional data.
 * A box is: version (1 byte), nonce (12), ciphertext, tag (16).
 */
export function secretBox(key: Buffer): SecretBox {
  const sealing = derive(key, "seal");
  const digesting = derive(key, "digest");
  return {
    seal(plain, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", sealing, nonce).setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.from([version]), nonce, text, cipher.getAuthTag()]);
    },
    open(sealed, context) {
      if (sealed.length < headBytes + tagBytes || sealed[0] !== version)
        throw new Error(`This is not a sealed secret of version ${version}; nothing was opened`);
      const decipher = createDecipheriv("aes-256-gcm", sealing, sealed.subarray(1, headBytes))
        .setAAD(Buffer.from(context))
        .setAuthTag(sealed.subarray(-tagBytes));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(headBytes, -tagBytes)), decipher.final()]).toString();
      } catch (error) {
        throw new Error(
          "A sealed secret does not open: it was sealed with another key, or for another owner. " +
            "Start with the ARCADIA_SECRET_KEY, or the file secret-key, that it was sealed with.",
          { cause: error },
        );
      }
    },
    digest: (text) => createHmac("sha256", digesting).update(text).digest(),
  };
}

const derive = (key: Buffer, purpose: string): Buffer => Buffer.from(hkdfSync("sha256", key, "arcadia", purpose, 32));
