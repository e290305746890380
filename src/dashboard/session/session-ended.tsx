import { useTools } from "#dashboard/app/tools.ts";
import { Dialog } from "#dashboard/parts/dialog.tsx";
import { TokenForm } from "./token-form.tsx";

/** Over the page, which stays as it is with what was typed on it. */
export function SessionEnded({ why }: { readonly why: string }) {
  const { session } = useTools();
  return (
    <Dialog title="Your session has ended" onCancel={() => session.end()}>
      <p>{why}. Sign in again and go on: what you typed is kept.</p>
      <TokenForm />
    </Dialog>
  );
}
