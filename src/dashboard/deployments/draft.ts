import { pairsOf } from "#dashboard/parts/pairs.ts";
import { volumeOf } from "./volume.ts";

/** The form of a new deployment, as it is typed. */
export interface Draft {
  readonly tenant_id: string;
  readonly name: string;
  readonly hostname: string;
  readonly region: string;
  readonly size_slug: string;
  readonly image: string;
  /** Instead of an image, SSH keys and user data of its own. */
  readonly release: string;
  /** NAME=value, a line each. */
  readonly variables: string;
  /** key=value, with commas. */
  readonly labels: string;
  /** GiB, and a filesystem where it is not ext4: 50:xfs. */
  readonly volume: string;
  readonly ssh_keys: string;
  readonly user_data: string;
  readonly provision: boolean;
  readonly replace_dns: boolean;
  /** False: as its release says. */
  readonly reserved_ip: boolean;
}

export const emptyDraft: Draft = {
  tenant_id: "",
  name: "",
  hostname: "",
  region: "",
  size_slug: "",
  image: "",
  release: "",
  variables: "",
  labels: "",
  volume: "",
  ssh_keys: "",
  user_data: "",
  provision: true,
  replace_dns: false,
  reserved_ip: false,
};

const integer = /^[1-9]\d*$/;

/** As the API takes it. What is missing is left to the server to say, with everything else that is wrong. */
export function bodyOf(draft: Draft): object {
  const keys = draft.ssh_keys.split(/[\s,]+/).filter(Boolean);
  return {
    name: draft.name.trim(),
    hostname: draft.hostname.trim(),
    region: draft.region,
    ...machineOf(draft),
    provision: draft.provision,
    replace_dns: draft.replace_dns,
    ...(draft.reserved_ip && { reserved_ip: true }),
    ...(draft.tenant_id && { tenant_id: draft.tenant_id }),
    ...pairsAs("variables", draft.variables.split("\n")),
    ...pairsAs("labels", draft.labels.split(",")),
    ...(draft.volume.trim() && { volume: volumeOf(draft.volume) }),
    ...(keys.length > 0 && { ssh_keys: keys.map(numberIfOne) }),
    ...(draft.user_data && { user_data: draft.user_data }),
  };
}

/** A release says its image, and may say its size. */
const machineOf = ({ release, size_slug, image }: Draft): object =>
  release === ""
    ? { size_slug, image: numberIfOne(image) }
    : { release, ...(size_slug && { size_slug }), ...(image && { image: numberIfOne(image) }) };

/** `NAME=value`, as one object under that name; nothing where nothing was typed. */
function pairsAs(name: string, typed: readonly string[]): object {
  const pairs = pairsOf(typed);
  return Object.keys(pairs).length === 0 ? {} : { [name]: pairs };
}

const numberIfOne = (text: string): string | number => (integer.test(text) ? Number(text) : text);
