/** What every operation on a deployment is told. */
export interface OperationInput {
  readonly deployment_id: string;
  readonly tenant_id: string;
  readonly droplet_id: number;
}
