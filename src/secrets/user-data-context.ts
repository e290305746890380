/** What a deployment's user_data is sealed for. */
export const deploymentContext = (deploymentId: string): string => `deployment:${deploymentId}`;

/** What the user_data of a droplet without a deployment is sealed for: before its saga has an id, by the name. */
export const dropletContext = (name: string): string => `droplet:${name}`;

/** What a release's user_data is sealed for: its name, which is its own as long as it is there. */
export const releaseContext = (name: string): string => `release:${name}`;

/** What a deployment's variables are sealed for. */
export const variablesContext = (deploymentId: string): string => `variables:${deploymentId}`;
