import { createHash, generateKeyPairSync, sign } from "node:crypto";

const der = (tag: number, ...parts: readonly (Buffer | number[])[]): Buffer => {
  const body = Buffer.concat(parts.map((it) => Buffer.from(it)));
  const { length } = body;
  const head =
    length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), body]);
};
const sequence = (...parts: readonly (Buffer | number[])[]): Buffer => der(0x30, ...parts);
const time = (year: number): Buffer => der(0x18, Buffer.from(`${year}0101000000Z`));

const ecdsaWithSha256 = sequence([0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);
const commonName = sequence(
  der(0x31, sequence([0x06, 0x03, 0x55, 0x04, 0x03], der(0x0c, Buffer.from("a simulated droplet")))),
);

/** A certificate that nobody has to trust, for what a simulated droplet says over TLS: a key of its own, in PEM. */
export function selfSigned(): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  const serial = der(0x02, [1, ...createHash("sha256").update(spki).digest().subarray(0, 8)]);
  const version = der(0xa0, der(0x02, [2]));
  const validity = sequence(time(2020), time(2120));
  const body = sequence(version, serial, ecdsaWithSha256, commonName, validity, commonName, spki);
  const signature = sign("sha256", body, privateKey);
  const whole = sequence(body, ecdsaWithSha256, der(0x03, [0], signature));
  const lines = whole.toString("base64").replace(/.{1,64}/g, "$&\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
