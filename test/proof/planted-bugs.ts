import type { Alterations } from "#proof/stage/stage.ts";
import {
  destroyNewFirst,
  keepAssigned,
  leadUnasked,
  leaveOff,
  releaseFirst,
  trustAction,
} from "./planted-operations.ts";
import { ignoreNotAfter, missByName, quoteSecrets, retryPost, trustAnyAccount } from "./planted-parts.ts";
import { deleteVolumeBack, detachRunning, leaveVolume } from "./planted-volumes.ts";
import { readByPosition } from "./later-release.ts";
import {
  destroyBeforeDns,
  dropFence,
  forgetAttendance,
  forgetPivot,
  forgetRecordsEnded,
  forgetRetryAfter,
  forgetTheDead,
  forgetWakeUp,
  leaveStrays,
  letDeadlinesRun,
  overlookCancel,
  skipThere,
  stayRemoving,
  trustOneLook,
} from "./planted-statements.ts";
import {
  forgetRecordsSeen,
  giveUpYoung,
  neverTryAgain,
  forgetIntent,
  forgetLink,
  forgetMark,
  forgetUnregister,
  parkUnasked,
  parkUnwitnessed,
  restoreBlindly,
  trustDelete,
  undoOnlyCompleted,
} from "./planted-steps.ts";

export interface PlantedBug {
  readonly name: string;
  /** Of docs/rules.md. */
  readonly rule: string;
  readonly alter: Alterations;
  /** The trials of what the rule is about, where the whole matrix takes long to come to them: by their text, by what is struck. */
  readonly among?: RegExp;
  readonly steps?: readonly string[];
  /** It takes two disturbances to show it. */
  readonly inPairs?: boolean;
  /** Looked for in whole histories, seed after seed, and not in trials. */
  readonly inHistories?: boolean;
  /** By default provision_deployment. */
  readonly scenario?: string;
}

/** Each breaks one rule; a checker that misses one is broken. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "no settle window after an ambiguous create",
    rule: "14, 17",
    steps: ["create_droplet"],
    alter: { timing: { settle: 0 } },
  },
  {
    name: "retry the POST",
    rule: "14",
    steps: ["create_droplet"],
    alter: { digitalOcean: retryPost },
    among: /-after@/,
  },
  { name: "no intent before the create", rule: "12", alter: { sagas: forgetIntent } },
  {
    name: "ignore not_after",
    rule: "12",
    steps: ["create_droplet"],
    alter: { digitalOcean: ignoreNotAfter },
    among: /freeze@/,
  },
  { name: "trust one look", rule: "14, 17", steps: ["create_droplet"], alter: { sql: trustOneLook }, inPairs: true },
  { name: "trust DELETE 204", rule: "18", alter: { sagas: trustDelete }, among: /cancel@/ },
  { name: "undo only what completed", rule: "19", alter: { sagas: undoOnlyCompleted } },
  {
    name: "destroy before DNS is undone",
    rule: "20",
    steps: ["point_deployment_dns"],
    alter: { sql: destroyBeforeDns },
  },
  {
    name: "restore DNS without comparing",
    rule: "22",
    steps: ["point_deployment_dns"],
    alter: { sagas: restoreBlindly },
  },
  { name: "no fence", rule: "3", alter: { sql: dropFence } },
  { name: "an outcome without its wake-up", rule: "2", alter: { sql: forgetWakeUp } },
  { name: "errors quote the request", rule: "30", alter: { digitalOcean: quoteSecrets }, among: /-429@/ },
  { name: "resource not linked", rule: "invariant 3", alter: { sagas: forgetLink } },
  { name: "registration not undone", rule: "19", alter: { sagas: forgetUnregister } },
  { name: "a cancel is not seen", rule: "5", alter: { sql: overlookCancel } },
  { name: "nobody hands over what the dead held", rule: "11", alter: { sql: forgetTheDead } },
  { name: "never try again", rule: "4", steps: ["create_droplet"], alter: { sagas: neverTryAgain } },
  { name: "a droplet that is not listed yet is given up", rule: "17, 16", alter: { sagas: giveUpYoung } },
  {
    name: "one listing of records is believed",
    rule: "22",
    alter: { sagas: forgetRecordsSeen },
    among: /list-lag@/,
    scenario: "provision_deployment:replace_dns",
  },
  { name: "strays are left alone", rule: "25", alter: { sql: leaveStrays }, among: /an-hour-late@/ },
  {
    name: "records are not looked at again",
    rule: "25",
    alter: { sql: forgetRecordsEnded },
    among: /hides@/,
    scenario: "deprovision_deployment",
  },
  {
    name: "the TTL is not waited out",
    rule: "20",
    alter: { timing: { drain: false } },
    scenario: "deprovision_deployment",
  },
  { name: "any account will do", rule: "26", alter: { digitalOcean: trustAnyAccount }, among: /account@/ },
  { name: "deadlines run on in an outage", rule: "27", alter: { sql: letDeadlinesRun }, among: /outage@/ },
  { name: "our downtime counts", rule: "9", alter: { sql: forgetAttendance }, inHistories: true },
  { name: "Retry-After is told to nobody", rule: "28", alter: { sql: forgetRetryAfter }, among: /-429@/ },
  { name: "a plan read by position", rule: "7", alter: { sagas: readByPosition } },
  {
    name: "a step after the pivot rolled back",
    rule: "8",
    alter: { sql: forgetPivot },
    among: /invalid@/,
    scenario: "deprovision_deployment",
  },
  { name: "deployment not cancelled", rule: "21", alter: { sagas: forgetMark } },
  {
    name: "a kind whose find misses by name",
    rule: "13, 33",
    alter: { digitalOcean: missByName },
    scenario: "kind:snapshot",
  },
  { name: "a phase skipped", rule: "32", alter: { sql: skipThere }, scenario: "kind:droplet" },
  { name: "parked after one look", rule: "36", alter: { timing: { gone: 0 } }, inHistories: true },
  {
    name: "parked without a witness",
    rule: "36",
    alter: { sagas: parkUnwitnessed },
    scenario: "park_deployment:denied",
  },
  {
    name: "parked without asking again",
    rule: "36",
    alter: { sagas: parkUnasked },
    scenario: "park_deployment:back",
  },
  {
    name: "a row left removing when its saga ends",
    rule: "32",
    alter: { sql: stayRemoving },
    scenario: "kind:dns_record:removal",
  },
  { name: "an action is believed", rule: "39", alter: { sagas: trustAction }, scenario: "suspend_deployment" },
  {
    name: "a failed resize leaves it off",
    rule: "40",
    alter: { sagas: leaveOff },
    among: /fail@/,
    scenario: "resize_deployment",
  },
  {
    name: "led to the new droplet before it is well",
    rule: "42",
    alter: { sagas: leadUnasked },
    scenario: "replace_deployment",
  },
  {
    name: "a reserved IP is released before its record",
    rule: "51",
    alter: { sagas: releaseFirst },
    scenario: "deprovision_deployment:reserved_ip",
  },
  {
    name: "a reserved IP is not given back",
    rule: "52",
    alter: { sagas: keepAssigned },
    among: /fail@/,
    scenario: "replace_deployment:reserved_ip",
  },
  {
    name: "the hostname is not led back",
    rule: "42",
    alter: { sagas: destroyNewFirst },
    among: /fail@/,
    scenario: "replace_deployment",
  },
  {
    name: "a rollback deletes the volume",
    rule: "47",
    alter: { sagas: deleteVolumeBack },
    among: /fail@/,
    scenario: "replace_deployment:volume",
  },
  {
    name: "a failed replacement leaves the volume where it is",
    rule: "47",
    alter: { sagas: leaveVolume },
    among: /fail@/,
    scenario: "replace_deployment:volume",
  },
  {
    name: "a volume is taken off a droplet that was not seen to be off",
    rule: "47",
    alter: { sagas: detachRunning },
    scenario: "replace_deployment:volume",
  },
];
