/**
 * The least requests that each could take, were every answer the truth and nothing ever changed by anybody else. A change of
 * something is a look at what it was, the request, and a look that shows the goal: three.
 */
export const floors: Readonly<Record<string, number>> = {
  // Create, two looks until it is active, the zone, the record.
  "provision_deployment:health": 5,
  // The volume before that.
  "provision_deployment:volume": 6,
  // Off, size, on.
  "resize_deployment:health": 9,
  "resize_deployment:volume": 3,
  // The action, and its end.
  snapshot_deployment: 2,
  // What lies on the droplet (3); create, two looks; the zone, GET and PUT of the record; GET of it; DELETE, two looks.
  replace_deployment: 13,
  // In the place of the zone and the PUT three for the reserved IP; it is read once more before the pivot.
  "replace_deployment:reserved_ip": 14,
  // The old one off (3), a snapshot (2), detach and attach (5).
  "replace_deployment:volume": 23,
  // As a replacement: nothing is read before the pivot, and nothing destroyed.
  repair_deployment: 9,
  "repair_deployment:reserved_ip": 9,
  // A snapshot (2) and the disk (3).
  rebuild_deployment: 5,
  restore_deployment: 5,
  suspend_deployment: 3,
  unsuspend_deployment: 3,
  // The droplet, the zone; the tag is made, given, and seen.
  adopt_deployment: 5,
  unadopt_deployment: 3,
  // Off (3), the record's DELETE and its absence, the droplet's DELETE and two looks.
  deprovision_deployment: 8,
};
