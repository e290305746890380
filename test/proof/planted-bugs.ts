import type { Alterations } from "#proof/stage/stage.ts";
import { ignoreNotAfter, keepLostJobs, quoteSecrets, retryPost, seeOwnEpoch, wakeSeparately } from "./planted-parts.ts";
import {
  destroyBeforeDns,
  forgetIntent,
  forgetLink,
  forgetMark,
  forgetUnregister,
  restoreBlindly,
  trustDelete,
  trustOneLook,
  undoOnlyCompleted,
} from "./planted-steps.ts";

export interface PlantedBug {
  readonly name: string;
  /** Of engine.md. */
  readonly rule: string;
  readonly alter: Alterations;
  /** It takes two disturbances to show it. */
  readonly inPairs?: boolean;
}

/** Each breaks one rule; a checker that misses one is broken. */
export const plantedBugs: readonly PlantedBug[] = [
  { name: "no settle window after an ambiguous create", rule: "9, 10", alter: { timing: { settle: 0 } } },
  { name: "retry the POST", rule: "9", alter: { digitalOcean: retryPost } },
  { name: "no intent before the create", rule: "7", alter: { sagas: forgetIntent } },
  { name: "ignore not_after", rule: "7", alter: { digitalOcean: ignoreNotAfter } },
  { name: "trust one look", rule: "9, 10", alter: { sagas: trustOneLook }, inPairs: true },
  { name: "trust DELETE 204", rule: "12", alter: { sagas: trustDelete } },
  { name: "undo only what completed", rule: "13", alter: { sagas: undoOnlyCompleted } },
  { name: "destroy before DNS is undone", rule: "13", alter: { sagas: destroyBeforeDns } },
  { name: "restore DNS without comparing", rule: "14", alter: { sagas: restoreBlindly } },
  { name: "no fence", rule: "3", alter: { db: seeOwnEpoch, queue: keepLostJobs } },
  { name: "outcome and wake-up apart", rule: "2", alter: { queue: wakeSeparately } },
  { name: "errors quote the request", rule: "security", alter: { digitalOcean: quoteSecrets } },
  { name: "resource not linked", rule: "5 of product.md", alter: { sagas: forgetLink } },
  { name: "registration not undone", rule: "13", alter: { sagas: forgetUnregister } },
  { name: "deployment not cancelled", rule: "15", alter: { sagas: forgetMark } },
];
