/** What is there at a provider now, without any lag and whatever it shows: what the invariants are judged by. */
export interface Truth {
  readonly droplets: readonly {
    readonly id: number;
    readonly name: string;
    readonly status: "new" | "active" | "off";
    readonly size_slug: string;
    /** Its slug, or its id as digits. */
    readonly image: string;
    readonly tags: readonly string[];
    readonly public_ipv4: string | null;
  }[];
  readonly domains: readonly {
    readonly name: string;
    readonly records: readonly {
      readonly id: number;
      readonly type: string;
      readonly name: string;
      readonly data: string;
      readonly ttl: number;
    }[];
  }[];
  /** Of droplets. */
  readonly snapshots: readonly { readonly id: number; readonly name: string; readonly droplet_id: number }[];
  readonly volumes: readonly {
    readonly id: string;
    readonly name: string;
    readonly size_gib: number;
    readonly droplet_id: number | null;
    readonly tags: readonly string[];
  }[];
  readonly volume_snapshots: readonly { readonly id: string; readonly name: string; readonly volume_id: string }[];
  readonly reserved_ips: readonly {
    readonly ip: string;
    readonly region: string;
    readonly droplet_id: number | null;
  }[];
  readonly tags: readonly string[];
  /** Addresses that a stranger has by now. */
  readonly strangers: readonly string[];
}
