import type { Droplet } from "./account-state.ts";
import { type Call, iso, type Reply } from "./call.ts";
import { findSize } from "./catalogue.ts";
import { notFound } from "./errors.ts";
import { page } from "./pagination.ts";

const hourMs = 3_600_000;
/** A month costs what 672 hours do. */
const mostHours = 672;

/** What a droplet has cost since the month began, in US dollars: by the second, at its size of now. */
function costOf(droplet: Droplet, from: number, now: number): number {
  const hours = Math.max(0, now - Math.max(from, droplet.createdAt)) / hourMs;
  return Math.min(hours, mostHours) * (findSize(droplet.size)?.price_hourly ?? 0);
}

/** GET /v2/customers/my/balance: what the droplets of now cost this month; nothing was ever billed or paid. */
export function getBalance({ account, now }: Call): Reply {
  const date = new Date(now);
  const month = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  const live = [...account.droplets.values()].filter((droplet) => !droplet.deletion);
  const usage = live.reduce((sum, droplet) => sum + costOf(droplet, month, now), 0).toFixed(2);
  return {
    status: 200,
    body: {
      month_to_date_balance: usage,
      account_balance: "0.00",
      month_to_date_usage: usage,
      generated_at: iso(now),
    },
  };
}

/** GET /v2/customers/my/billing_history */
export const listBillingHistory = (call: Call): Reply => page(call, "billing_history", [], (entry) => entry);

/** GET /v2/customers/my/invoices */
export const listInvoices = (call: Call): Reply => page(call, "invoices", [], (invoice) => invoice);

/** GET /v2/customers/my/invoices/{uuid}, and its summary: there are none. */
export function getInvoice(): Reply {
  throw notFound();
}
