import { getAccount } from "./account.ts";
import { createAction } from "./action-create.ts";
import { getAction, getDropletAction, listDropletActions } from "./actions.ts";
import { listRegions, listSizes } from "./catalogue.ts";
import { createDomain, deleteDomain, getDomain, listDomains } from "./domains.ts";
import { createDroplets } from "./droplet-create.ts";
import { getBackupPolicy, listDropletBackups, listDropletSnapshots, listKernels } from "./droplet-images.ts";
import { deleteDroplet, deleteDropletsByTag, getDroplet, listDroplets } from "./droplets.ts";
import { getImage, listImages } from "./images.ts";
import { createRecord, deleteRecord, getRecord, listRecords, updateRecord } from "./records.ts";
import type { Route } from "./router.ts";
import { createKey, deleteKey, getKey, listKeys, updateKey } from "./ssh-keys.ts";
import { tagResources, untagResources } from "./tag-resources.ts";
import { createTag, deleteTag, getTag, listTags } from "./tags.ts";
import { createVpc, deleteVpc, getVpc, listVpcMembers, listVpcs, updateVpc } from "./vpcs.ts";

export const routes: readonly Route[] = [
  ["GET", "/v2/account", "account:read", getAccount],
  ["GET", "/v2/account/keys", "ssh_key:read", listKeys],
  ["POST", "/v2/account/keys", "ssh_key:create", createKey],
  ["GET", "/v2/account/keys/{ssh_key_identifier}", "ssh_key:read", getKey],
  ["PUT", "/v2/account/keys/{ssh_key_identifier}", "ssh_key:update", updateKey],
  ["DELETE", "/v2/account/keys/{ssh_key_identifier}", "ssh_key:delete", deleteKey],
  ["GET", "/v2/actions/{id}", "actions:read", getAction],
  ["GET", "/v2/droplets", "droplet:read", listDroplets],
  ["POST", "/v2/droplets", "droplet:create", createDroplets],
  ["DELETE", "/v2/droplets", "droplet:delete", deleteDropletsByTag],
  ["GET", "/v2/droplets/{id}", "droplet:read", getDroplet],
  ["DELETE", "/v2/droplets/{id}", "droplet:delete", deleteDroplet],
  ["GET", "/v2/droplets/{id}/actions", "droplet:read", listDropletActions],
  ["POST", "/v2/droplets/{id}/actions", "droplet:update", createAction],
  ["GET", "/v2/droplets/{id}/actions/{action_id}", "droplet:read", getDropletAction],
  ["GET", "/v2/droplets/{id}/backups", "droplet:read", listDropletBackups],
  ["GET", "/v2/droplets/{id}/backups/policy", "droplet:read", getBackupPolicy],
  ["GET", "/v2/droplets/{id}/snapshots", "droplet:read", listDropletSnapshots],
  ["GET", "/v2/droplets/{id}/kernels", "droplet:read", listKernels],
  ["GET", "/v2/domains", "domain:read", listDomains],
  ["POST", "/v2/domains", "domain:create", createDomain],
  ["GET", "/v2/domains/{name}", "domain:read", getDomain],
  ["DELETE", "/v2/domains/{name}", "domain:delete", deleteDomain],
  ["GET", "/v2/domains/{name}/records", "domain:read", listRecords],
  ["POST", "/v2/domains/{name}/records", "domain:create", createRecord],
  ["GET", "/v2/domains/{name}/records/{id}", "domain:read", getRecord],
  ["PUT", "/v2/domains/{name}/records/{id}", "domain:update", updateRecord],
  ["PATCH", "/v2/domains/{name}/records/{id}", "domain:update", updateRecord],
  ["DELETE", "/v2/domains/{name}/records/{id}", "domain:delete", deleteRecord],
  ["GET", "/v2/tags", "tag:read", listTags],
  ["POST", "/v2/tags", "tag:create", createTag],
  ["GET", "/v2/tags/{id}", "tag:read", getTag],
  ["DELETE", "/v2/tags/{id}", "tag:delete", deleteTag],
  ["POST", "/v2/tags/{id}/resources", "tag:create", tagResources],
  ["DELETE", "/v2/tags/{id}/resources", "tag:delete", untagResources],
  ["GET", "/v2/sizes", "sizes:read", listSizes],
  ["GET", "/v2/regions", "regions:read", listRegions],
  ["GET", "/v2/images", "image:read", listImages],
  ["GET", "/v2/images/{image_id}", "image:read", getImage],
  ["GET", "/v2/vpcs", "vpc:read", listVpcs],
  ["POST", "/v2/vpcs", "vpc:create", createVpc],
  ["GET", "/v2/vpcs/{vpc_id}", "vpc:read", getVpc],
  ["PUT", "/v2/vpcs/{vpc_id}", "vpc:update", updateVpc],
  ["PATCH", "/v2/vpcs/{vpc_id}", "vpc:update", updateVpc],
  ["DELETE", "/v2/vpcs/{vpc_id}", "vpc:delete", deleteVpc],
  ["GET", "/v2/vpcs/{vpc_id}/members", "vpc:read", listVpcMembers],
];
