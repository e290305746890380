import type { IncomingMessage } from "node:http";

/** Of no route: `answerUnknownRoute` tells what stood there. */
const unreadable = "/%20";

/**
 * The address of a request, in whose place another one stands when its path cannot be decoded: the router would answer
 * that by itself, past every hook, and so uncounted, unlogged and for any host.
 */
export function readableUrl({ url = "/" }: Pick<IncomingMessage, "url">): string {
  try {
    decodeURIComponent(url.split("?", 1)[0] ?? "");
    return url;
  } catch {
    return unreadable;
  }
}
