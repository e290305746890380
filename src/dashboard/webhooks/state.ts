import type { Webhook } from "#api/webhooks.ts";

/** A person disables in the words `disabled by …`; all other reasons are failures. */
export const wasDisabledByFailure = ({ enabled, disabled_reason: reason }: Webhook): boolean =>
  !enabled && reason !== null && !reason.startsWith("disabled by ");

export function stateOf(webhook: Webhook): "enabled" | "failing" | "disabled" | "switched off" {
  if (webhook.enabled) return webhook.failing_since === null ? "enabled" : "failing";
  return wasDisabledByFailure(webhook) ? "disabled" : "switched off";
}

/** Its address without what may be a key of the receiver's. */
export function hostOf({ url }: Webhook): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
