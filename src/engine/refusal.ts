export type RefusalCode =
  | "saga_not_found"
  | "saga_ended"
  | "not_cancellable"
  | "not_stuck"
  | "not_held"
  | "not_resolvable"
  | "saga_running";

/** The engine will not do what was asked of a saga; nothing was changed. */
export class SagaRefusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = "SagaRefusal";
    this.code = code;
  }
}
