import { isIP } from "node:net";
import type { onRequestHookHandler } from "fastify";

const header = "x-forwarded-for";

/**
 * Leaves nothing but addresses in X-Forwarded-For, so that `request.ip` is one, whoever wrote the rest: some proxies
 * put a port behind it, and the first entries are what the client itself sent. Whether any of it is believed is the
 * framework's matter (`trustProxy`).
 */
export const readForwarded: onRequestHookHandler = (request, _reply, done) => {
  const { headers } = request.raw;
  const told = headers[header];
  if (told !== undefined) {
    const addresses = String(told)
      .split(",")
      .map(bare)
      .filter((each) => isIP(each) !== 0);
    if (addresses.length > 0) headers[header] = addresses.join(", ");
    else delete headers[header];
  }
  done();
};

const bare = (entry: string): string => {
  const text = entry.trim();
  if (text.startsWith("[")) return text.slice(1, text.indexOf("]"));
  const [address = "", , ...more] = text.split(":");
  return more.length === 0 ? address : text;
};
