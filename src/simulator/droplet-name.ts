import { unprocessable } from "./errors.ts";

const hostname = /^[a-zA-Z0-9]?[a-z0-9A-Z.-]*[a-z0-9A-Z]$/;

/** The name, or DigitalOcean's 422 for what cannot be one. */
export function dropletName(name: unknown): string {
  if (typeof name !== "string" || name === "") throw unprocessable("Droplet must have a name");
  if (name.length > 255) throw unprocessable("Name is too long (maximum is 255 characters)");
  if (!hostname.test(name)) throw unprocessable("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)");
  return name;
}
