import { fill, paths } from "#api/paths.ts";
import type { Resource } from "#api/resources.ts";
import { startedSaga } from "#api/sagas.ts";
import { go } from "#dashboard/app/route.ts";
import { useTools } from "#dashboard/app/tools.ts";
import { Confirm } from "#dashboard/parts/confirm.tsx";
import { useChange } from "#dashboard/server/use-change.ts";

export function DestroyDropletDialog(props: { readonly resource: Resource; readonly onClose: () => void }) {
  const { resource, onClose } = props;
  const { server } = useTools();
  const destroy = useChange(
    () =>
      server.change({
        method: "DELETE",
        path: `${fill(paths.droplet, { provider_id: resource.provider_id })}${resource.managed ? "" : "?unmanaged=true"}`,
        schema: startedSaga,
      }),
    ({ saga }) => go(["sagas", saga.id]),
  );
  return (
    <Confirm
      title={`Destroy droplet ${resource.name}?`}
      word={resource.name}
      what="name"
      action="Destroy it"
      change={destroy}
      onConfirm={() => destroy.mutate()}
      onCancel={onClose}
    >
      {!resource.managed && (
        <p className="banner bad">
          <strong>Not made here.</strong> Somebody else may rely on it.
        </p>
      )}
      <p>There is no way back. This is removed:</p>
      <ul className="doomed">
        <li>
          Droplet <b>{resource.name}</b>, id <b>{resource.provider_id}</b>, {resource.size_slug ?? "of unknown size"} in{" "}
          {resource.region ?? "an unknown region"}, address <b>{resource.public_ipv4 ?? "none"}</b>, with all of its
          data
        </li>
      </ul>
    </Confirm>
  );
}
