import { createSign, generateKeyPairSync } from "node:crypto";

/** One value in DER: its tag, its length, and what it holds. */
function der(tag: number, ...parts: (Uint8Array | number[] | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const ecdsaWithSha256 = sequence(der(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
const commonName = der(0x06, [0x55, 0x04, 0x03]);
const subjectAltName = der(0x06, [0x55, 0x1d, 0x11]);

/** A certificate for these names (RFC 5280), signed by its own key: made here, since Node.js has no call for it. */
export function selfSigned(names: readonly string[]): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, names[0] ?? "test"))));
  const validity = sequence(der(0x17, "200101000000Z"), der(0x17, "491231235959Z"));
  const altNames = sequence(...names.map((each) => der(0x82, each)));
  const tbs = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1]),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(sequence(subjectAltName, der(0x04, altNames)))),
  );
  const signature = createSign("sha256").update(tbs).sign(privateKey);
  const bytes = sequence(tbs, ecdsaWithSha256, der(0x03, [0], signature));
  const lines = bytes.toString("base64").replaceAll(/.{64}/g, "$&\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
