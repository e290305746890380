import { expect, test } from "vitest";
import { inPlainWords, waitingWords } from "./plain-error.ts";

const refused =
  "POST /v2/domains/example.com/records: DigitalOcean answered 422 unprocessable_entity: Only valid hostname characters are allowed.";

test.each([
  [
    refused,
    "DigitalOcean refused the DNS record: Only valid hostname characters are allowed.",
    "POST /v2/domains/example.com/records, 422 unprocessable_entity",
  ],
  [
    "DELETE /v2/droplets/532052122: DigitalOcean answered 503: a body of type text/html.",
    "DigitalOcean failed at the droplet's removal: a body of type text/html.",
    "DELETE /v2/droplets/532052122, 503",
  ],
  [
    "POST /v2/droplets: no answer in time.",
    "DigitalOcean, asked for the new droplet: no answer in time.",
    "POST /v2/droplets",
  ],
  ["The droplet did not become active in time", "The droplet did not become active in time", undefined],
])("%s", (message, said, technical) => expect(inPlainWords(message)).toEqual({ said, technical }));

test("what is waited for does not tell the error again", () => {
  const waiting = `another try to undo create_droplet: ${refused}`;
  expect(waitingWords(waiting, refused)).toBe("another try to undo create droplet");
  expect(waitingWords(waiting, undefined)).toMatch(/^another try to undo create droplet: DigitalOcean refused/);
  expect(waitingWords("droplet 12 to disappear", undefined)).toBe("droplet 12 to disappear");
});
