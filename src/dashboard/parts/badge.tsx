/** What a status means at a glance. */
const tones: Readonly<Record<string, string>> = {
  active: "good",
  completed: "good",
  provisioning: "busy",
  running: "busy",
  waiting: "busy",
  new: "busy",
  deprovisioning: "back",
  compensating: "back",
  compensated: "back",
  destroying: "back",
  unmanaged: "back",
  failed: "bad",
  compensation_failed: "bad",
  stuck: "bad",
  alert: "bad",
  down: "bad",
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
