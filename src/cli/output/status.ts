import { styleText } from "node:util";
import type { Output } from "#cli/cli.ts";

const good = new Set(["active", "completed", "up", "ok", "healthy"]);
const bad = new Set([
  "failed",
  "rolled_back",
  "stuck",
  "cancelled",
  "compensation_failed",
  "FAILED",
  "alert",
  "down",
  "unhealthy",
]);
const moving = new Set(["provisioning", "deprovisioning", "running", "waiting", "compensating", "compensated", "held"]);

/** The status in the colour of its meaning, where the output shows colours. */
export function status(output: Output, text: string): string {
  const colour = good.has(text) ? "green" : bad.has(text) ? "red" : moving.has(text) ? "yellow" : undefined;
  return colour ? styleText(colour, text, { stream: output }) : text;
}
