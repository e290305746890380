import { Banner } from "#dashboard/parts/banner.tsx";
import { useReadiness } from "./use-provider.ts";

/** Nobody shall take the simulator for the real account. */
export function SimulatedBanner() {
  if (useReadiness()?.simulated !== true) return null;
  const title = (
    <>
      <strong>Simulated</strong> No droplet here is real
    </>
  );
  return (
    <Banner tone="simulated" title={title}>
      No DIGITALOCEAN_TOKEN is set: everything happens in the built-in simulator, and nothing is billed.
    </Banner>
  );
}

export function ProviderBanner() {
  const readiness = useReadiness();
  const { status, reason, account_status: account = null } = readiness?.provider ?? { status: "up", reason: null };
  const faults = [readiness?.database, readiness?.queue].flatMap((check) => check?.reason ?? []);
  return (
    <div role="alert">
      {status === "up" && account !== null && account !== "active" && (
        <Banner tone="bad" title={<strong>The account is not in order</strong>}>
          {reason}.
        </Banner>
      )}
      {status === "down" && (
        <Banner tone="bad" title={<strong>DigitalOcean does not answer, or refuses</strong>}>
          {reason}. Sagas wait, their deadlines too, and go on by themselves.
        </Banner>
      )}
      {status === "wrong_account" && (
        <Banner tone="bad" title={<strong>The token is of another account</strong>}>
          {reason}. Nothing runs until the right token is set.
        </Banner>
      )}
      {faults.map((fault) => (
        <Banner key={fault} tone="bad" title={<strong>The server is not ready</strong>}>
          {fault}.
        </Banner>
      ))}
    </div>
  );
}
