import { useStore } from "./store.ts";
import { useTools } from "./tools.ts";
import { SelfProvider } from "#dashboard/session/self.tsx";
import { SessionEnded } from "#dashboard/session/session-ended.tsx";
import { SignIn } from "#dashboard/session/sign-in.tsx";
import { Shell } from "./shell.tsx";

export function App() {
  const { session } = useTools();
  const { token, ended } = useStore(session);
  if (token === null) return <SignIn />;
  return (
    <SelfProvider>
      <Shell />
      {ended !== null && <SessionEnded why={ended} />}
    </SelfProvider>
  );
}
