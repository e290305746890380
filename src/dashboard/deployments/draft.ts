/** The form of a new deployment, as it is typed. */
export interface Draft {
  readonly tenant_id: string;
  readonly name: string;
  readonly hostname: string;
  readonly region: string;
  readonly size_slug: string;
  readonly image: string;
  readonly ssh_keys: string;
  readonly user_data: string;
  readonly provision: boolean;
  readonly replace_dns: boolean;
}

export const emptyDraft: Draft = {
  tenant_id: "",
  name: "",
  hostname: "",
  region: "",
  size_slug: "",
  image: "",
  ssh_keys: "",
  user_data: "",
  provision: true,
  replace_dns: false,
};

const integer = /^[1-9]\d*$/;

/** As the API takes it. What is missing is left to the server to say, with everything else that is wrong. */
export function bodyOf(draft: Draft): object {
  const keys = draft.ssh_keys.split(/[\s,]+/).filter(Boolean);
  return {
    name: draft.name.trim(),
    hostname: draft.hostname.trim(),
    region: draft.region,
    size_slug: draft.size_slug,
    image: numberIfOne(draft.image),
    provision: draft.provision,
    replace_dns: draft.replace_dns,
    ...(draft.tenant_id && { tenant_id: draft.tenant_id }),
    ...(keys.length > 0 && { ssh_keys: keys.map(numberIfOne) }),
    ...(draft.user_data && { user_data: draft.user_data }),
  };
}

const numberIfOne = (text: string): string | number => (integer.test(text) ? Number(text) : text);
