import { useStore } from "./store.ts";
import { useTools } from "./tools.ts";

export function ConnectionBanner() {
  const { connection } = useTools();
  const lostSince = useStore(connection);
  return (
    <div role="alert">
      {lostSince && (
        <p className="banner bad">
          <strong>The server does not answer</strong> since {lostSince.toLocaleTimeString()}. What you see is from then.
          It is asked again every few seconds, and this page goes on from where it was. Sagas do not need it.
        </p>
      )}
    </div>
  );
}
