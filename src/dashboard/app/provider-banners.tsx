import { useReadiness } from "./use-provider.ts";

/** Nobody shall take the simulator for the real account. */
export function SimulatedBanner() {
  if (useReadiness()?.simulated !== true) return null;
  return (
    <p className="banner simulated">
      <strong>Simulated</strong> No DIGITALOCEAN_TOKEN is set: no droplet here is real, and nothing is billed.
    </p>
  );
}

export function ProviderBanner() {
  const readiness = useReadiness();
  const { status, reason, account_status: account = null } = readiness?.provider ?? { status: "up", reason: null };
  const faults = [readiness?.database, readiness?.queue].flatMap((check) => check?.reason ?? []);
  return (
    <div role="alert">
      {status === "up" && account !== null && account !== "active" && (
        <p className="banner bad">
          <strong>The account is not in order.</strong> {reason}.
        </p>
      )}
      {status === "down" && (
        <p className="banner bad">
          <strong>DigitalOcean does not answer, or refuses.</strong> {reason}. Sagas wait, their deadlines too, and go
          on by themselves.
        </p>
      )}
      {status === "wrong_account" && (
        <p className="banner bad">
          <strong>The token is of another account.</strong> {reason}. Nothing runs until the right token is set.
        </p>
      )}
      {faults.map((fault) => (
        <p key={fault} className="banner bad">
          <strong>Not ready:</strong> {fault}.
        </p>
      ))}
    </div>
  );
}
