import { Banner } from "#dashboard/parts/banner.tsx";
import { useStore } from "./store.ts";
import { useTools } from "./tools.ts";

export function ConnectionBanner() {
  const { connection } = useTools();
  const lostSince = useStore(connection);
  return (
    <div role="alert">
      {lostSince && (
        <Banner tone="bad" title={<strong>The server does not answer since {lostSince.toLocaleTimeString()}</strong>}>
          What you see is from then. It is asked again every few seconds, and this page goes on from where it was. Sagas
          do not need it.
        </Banner>
      )}
    </div>
  );
}
