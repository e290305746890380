import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";
import { CronExpressionParser } from "cron-parser";
import { z } from "zod";

// Every setting arrives as text, is never blank, and is told wrong in one clause that says what would be right.

/** A text without the blanks around it. */
export const text = z.string().trim();

/** Digits, and nothing that only JavaScript would take for a number. */
export const whole = (min: number, max: number) =>
  text
    .refine((value) => /^\d{1,15}$/.test(value) && Number(value) >= min && Number(value) <= max, {
      message: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);

/** The longest a timer can be told to wait, in seconds: 2^31 - 1 ms. */
const longestSeconds = 2_147_483;

export const seconds = text
  .refine((value) => /^\d{1,9}(?:\.\d{1,9})?$/.test(value) && Number(value) > 0 && Number(value) <= longestSeconds, {
    message: `must be a number of seconds above 0, at most ${longestSeconds}, without a unit, such as 5 or 0.5`,
  })
  .transform(Number);

export const flag = text.toLowerCase().pipe(z.stringbool({ error: "must be true or false" }));

export const cron = text.refine(isCron, 'must be a cron line of five fields, such as "*/15 * * * *"');

function isCron(line: string): boolean {
  if (line.split(/\s+/).length !== 5) return false;
  try {
    CronExpressionParser.parse(line, { tz: "UTC" });
    return true;
  } catch {
    return false;
  }
}

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;

/**
 * A name of the domain name system in the one form in which it is compared: lower case, without the dot at its end,
 * international letters in punycode (RFC 5890). Undefined: it is none.
 */
export function domainName(given: string): string | undefined {
  const bare = given.replace(/[.\u3002\uff0e\uff61]$/u, "");
  // What domainToASCII would silently drop or read as something else, such as a path.
  if (!/^[\p{L}\p{M}\p{N}._\u3002\uff0e\uff61-]{1,253}$/u.test(bare)) return undefined;
  const name = domainToASCII(bare).toLowerCase();
  const labels = name.split(".");
  return name.length <= 253 && labels.every((each) => label.test(each)) && isIP(name) === 0 ? name : undefined;
}

/** A zone of the domain name system, normalised. */
export const zone = text.transform((value, context) => {
  const name = domainName(value);
  if (name?.includes(".")) return name;
  context.addIssue("must be the name of a zone, such as customers.example: no URL, address, wildcard or single word");
  return z.NEVER;
});

/** Where to listen: an address, an IPv6 one also in brackets, or a name. */
export const listeningHost = text.transform((value, context) => {
  const bare = /^\[(.*)\]$/.exec(value)?.[1] ?? value;
  const isAddress = isIP(bare) !== 0;
  const host = isAddress ? bare : domainName(bare);
  if (host !== undefined && (isAddress || bare === value)) return host;
  context.addIssue("must be an address or a name, without a port, such as 127.0.0.1, ::1 or 0.0.0.0");
  return z.NEVER;
});

/** An http or https URL without anything behind its path, and without a slash at its end. */
export const baseUrl = text.transform((value, context) => {
  const url = URL.parse(value);
  if (!url || !/^https?:$/.test(url.protocol)) context.addIssue("must be a URL that begins with https:// or http://");
  else if (url.username || url.password) context.addIssue("must not hold a user or password");
  else if (url.search || url.hash) context.addIssue("must end with its path: no ? and no #");
  else return withoutSlashes(url.href);
  return z.NEVER;
});

/** Whether an http or https URL leads to this machine, so that nobody on the way reads what is sent there. */
export function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? "";
  return host === "localhost" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."));
}

/** No pattern: for slashes at the end only, it would take a time quadratic in those that are not. */
function withoutSlashes(href: string): string {
  let end = href.length;
  while (href[end - 1] === "/") end -= 1;
  return href.slice(0, end);
}

/** Where the outside world finds us: a host of its own, so no path. */
export const publicUrl = baseUrl.refine((value) => URL.parse(value)?.pathname === "/", {
  message: "must have no path: the server is at the root of its host",
});

/** Addresses and networks, separated by commas. */
export const networks = text.transform((value, context) => {
  const each = value.split(/[\s,]+/).filter((part) => part !== "");
  const wrong = each.find((part) => !isNetwork(part));
  if (wrong === undefined) return each;
  context.addIssue("must be addresses or networks, separated by commas, such as 127.0.0.1, 10.0.0.0/8, ::1");
  return z.NEVER;
});

function isNetwork(part: string): boolean {
  const [address = "", bits, ...rest] = part.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  if (!/^\d{1,3}$/.test(bits)) return false;
  try {
    new BlockList().addSubnet(address, Number(bits), family === 4 ? "ipv4" : "ipv6");
    return true;
  } catch {
    return false;
  }
}
