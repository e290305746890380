/** What a status means at a glance. */
const tones: Readonly<Record<string, string>> = {
  active: "good",
  healthy: "good",
  unhealthy: "bad",
  completed: "good",
  enabled: "good",
  delivered: "good",
  provisioning: "busy",
  running: "busy",
  waiting: "busy",
  new: "busy",
  "being made": "busy",
  "being undone": "back",
  deprovisioning: "back",
  rolling_back: "back",
  compensating: "back",
  compensated: "back",
  destroying: "back",
  unmanaged: "back",
  failed: "bad",
  compensation_failed: "bad",
  stuck: "bad",
  failing: "back",
  held: "back",
  alert: "bad",
  down: "bad",
  droplet_gone: "bad",
  dns_delegated: "bad",
  zone_gone: "bad",
  droplet_off: "back",
  drift: "back",
  disabled: "bad",
  wrong_account: "bad",
  rolled_back: "undone",
  cancelled: "undone",
};

export const toneOf = (status: string): string => tones[status] ?? "quiet";

/** A status in words and colour. */
export function Badge({ status }: { readonly status: string }) {
  return (
    <span className={`badge ${toneOf(status)}`} data-status={status}>
      {status.replaceAll("_", " ")}
    </span>
  );
}
