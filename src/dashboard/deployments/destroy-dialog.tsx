import { type Deployment, deployment as deploymentSchema } from "#api/deployments.ts";
import { fill, paths } from "#api/paths.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Confirm } from "#dashboard/parts/confirm.tsx";
import { useChange } from "#dashboard/server/use-change.ts";

/** Shows exactly what will be removed, and wants the hostname typed. */
export function DestroyDialog(props: { readonly deployment: Deployment; readonly onClose: () => void }) {
  const { deployment, onClose } = props;
  const { server } = useTools();
  const destroy = useChange(
    () =>
      server.change({
        method: "DELETE",
        path: fill(paths.deployment, { id: deployment.id }),
        schema: deploymentSchema,
      }),
    onClose,
  );
  return (
    <Confirm
      title={`Destroy ${deployment.hostname}?`}
      word={deployment.hostname}
      what="hostname"
      action="Destroy it"
      change={destroy}
      onConfirm={() => destroy.mutate()}
      onCancel={onClose}
    >
      <p>There is no way back. This is removed:</p>
      <Doomed deployment={deployment} />
    </Confirm>
  );
}

/** The others are on every droplet of this installation, and stay. */
const isOwn = (tag: string): boolean => tag.startsWith("arcadia-saga-");

function Doomed({ deployment }: { readonly deployment: Deployment }) {
  const { status, hostname, resource } = deployment;
  const live = resource && !resource.deleted_at ? resource : undefined;
  return (
    <ul className="doomed">
      {live && (
        <>
          <li>
            Droplet <b>{live.name}</b>, id <b>{live.provider_id}</b>, {live.size_slug} in {live.region}, with all of its
            data
          </li>
          <li>
            DNS record <b>{hostname}</b> A <b>{live.public_ipv4 ?? "none yet"}</b>
          </li>
          {live.tags.filter(isOwn).map((tag) => (
            <li key={tag}>
              Tag <b>{tag}</b>, a day later
            </li>
          ))}
        </>
      )}
      {status === "provisioning" && !live && <li>Whatever its saga has made so far: it is rolled back first</li>}
      {!live && status !== "provisioning" && <li>Nothing at the provider: it has no droplet</li>}
      <li>
        The deployment <b>{deployment.name}</b> itself: it ends as terminated
      </li>
    </ul>
  );
}
