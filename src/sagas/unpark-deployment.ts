import { parkingInput } from "./park-deployment.ts";
import { unparkDeploymentDns } from "./steps/unpark-deployment-dns.ts";
import { saga } from "./step-context.ts";

/** The droplet of a parked deployment is back: its record leads to it again. */
export const unparkDeployment = saga("unpark_deployment", parkingInput).pivot(unparkDeploymentDns);
