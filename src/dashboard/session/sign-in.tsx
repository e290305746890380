import { ConnectionBanner } from "#dashboard/app/connection-banner.tsx";
import { SimulatedBanner } from "#dashboard/app/provider-banners.tsx";
import { Mark } from "#dashboard/parts/mark.tsx";
import { TokenForm } from "./token-form.tsx";

export function SignIn() {
  return (
    <>
      <div role="region" aria-label="Notices">
        <ConnectionBanner />
        <SimulatedBanner />
      </div>
      <main className="sign-in">
        <div className="card stack">
          <Mark />
          <h1>Sign in</h1>
          <TokenForm />
        </div>
      </main>
    </>
  );
}
