/**
 * What DigitalOcean charges a month for a reserved IP that is assigned to no droplet; one that is costs nothing.
 * https://docs.digitalocean.com/products/networking/reserved-ips/details/pricing/
 */
export const unassignedMonthlyUsd = 5;
