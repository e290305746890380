import type { Deployment } from "#api/deployments.ts";
import type { Removal } from "#api/removal.ts";

/** Exactly what goes, as the server knows it now. */
export function Doomed(props: { readonly deployment: Deployment; readonly removal: Removal }) {
  const { name, size_slug: size, region } = props.deployment;
  const { droplet, dns_records: records, reserved_ips: reserved, volume, tags, uncertain, reason } = props.removal;
  return (
    <>
      <ul className="doomed">
        {droplet && (
          <li>
            Droplet <b>{droplet.name}</b>,{" "}
            {droplet.provider_id === null ? (
              "being made"
            ) : (
              <>
                id <b>{droplet.provider_id}</b>
              </>
            )}
            , {size} in {region}, address <b>{droplet.public_ipv4 ?? "none yet"}</b>, with all that is on its own disk
          </li>
        )}
        {volume && (
          <li>
            Volume <b>{volume.name}</b>
            {volume.size_gib !== null && `, ${volume.size_gib} GiB`}, with all of its data
          </li>
        )}
        {records.map((record) => (
          <li key={record.id}>
            DNS record <b>{record.name}</b> {record.type} <b>{record.data}</b>
            {record.id === null ? ", being made" : `, id ${record.id}`}
          </li>
        ))}
        {reserved.map(({ ip, region: where }) => (
          <li key={ip}>
            Reserved IP <b>{ip ?? `in ${where}, being reserved`}</b>, for whoever is given it next
          </li>
        ))}
        {tags.map((tag) => (
          <li key={tag}>
            Tag <b>{tag}</b>, a day later
          </li>
        ))}
        {!droplet && records.length + reserved.length === 0 && !uncertain && (
          <li>Nothing at the provider: it has no droplet</li>
        )}
        <li>
          The deployment <b>{name}</b> itself: it ends as terminated
        </li>
      </ul>
      {uncertain && <p className="faint">{reason}: what it has made by then is undone, DNS put back as it was.</p>}
    </>
  );
}
