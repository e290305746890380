import { idsFrom, systemIds } from "#ids.ts";
import { newAccount, resetAccount } from "./account-start.ts";
import { Accounts } from "./accounts.ts";
import { Apps, type Reached } from "./apps.ts";
import { apiOf } from "./api.ts";
import { seededBytes } from "./chance.ts";
import { control } from "./control.ts";
import type { Outcome, SimulatorRequest } from "./exchange.ts";
import { Faults } from "./faults.ts";
import { type SimulatorOptions, settingsFrom } from "./options.ts";
import { tidyPath } from "./paths.ts";
import { RateLimits } from "./rate-limits.ts";
import { RequestCount } from "./request-count.ts";
import { type SimulatorState, simulatorState } from "./simulator-state.ts";
import { loadState, savedStateOf, stateSaver } from "./state-file.ts";
import { newZone } from "./zones.ts";

export interface Simulator {
  /** Answers one request. Needs no socket and, with a clock of one's own, no real time. `signal` ends a fault's delay. */
  handle(request: SimulatorRequest, signal?: AbortSignal): Promise<Outcome>;
  /** What GET /_sim/state answers: of team main, or of another one by its name. */
  state(team?: string): SimulatorState;
  /** What is met at an address of a droplet. */
  reach(address: string): Reached;
  /** Writes the account to the state file, if there is one. */
  save(): Promise<void>;
}

/** DigitalOcean's API over an account of its own. Throws when the state file is there and cannot be read. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const settings = settingsFrom(options);
  const { clock, domain } = settings;
  const now = (): number => clock.now().getTime();
  const ids =
    options.ids ?? (options.seed === undefined ? systemIds(clock) : idsFrom(clock, seededBytes(options.seed)));

  const saved = options.stateFile === undefined ? savedStateOf(options.savedState) : loadState(options.stateFile);
  const seed = options.seed ?? saved?.account.seed ?? Math.floor(ids.random() * 2 ** 32);
  const account = saved?.account ?? newAccount(seed, domain, now());
  if (options.accountUuid !== undefined) account.uuid = options.accountUuid;
  if (!account.zones.has(domain)) newZone(account, domain, now());
  const accounts = new Accounts(account, now, saved?.others);

  const apps = new Apps(
    () => [accounts.main, ...accounts.others().values()],
    () => settings.appStartMs,
  );
  const faults = new Faults();
  const limits = new RateLimits(settings.rateLimits);
  const requests = new RequestCount(saved?.requests);
  const save =
    options.stateFile === undefined
      ? async () => {}
      : stateSaver(options.stateFile, () => ({ account, others: accounts.others(), requests: requests.read() }));
  const state = (team?: string): SimulatorState =>
    simulatorState(team === undefined ? account : accounts.ofTeam(team), requests.read(), now());
  const reset = async (): Promise<void> => {
    faults.disarm();
    apps.reset();
    limits.reset();
    requests.reset();
    Object.assign(settings, settingsFrom(options));
    resetAccount(account, domain, now());
    accounts.clearOthers();
    await save();
  };
  const api = apiOf({ accounts, seed, settings, ids, faults, limits, requests, save, log: options.log });
  return {
    state,
    reach: (address) => apps.reach(address, now()),
    save,
    async handle(given, signal) {
      const request = { ...given, path: tidyPath(given.path) };
      return request.path.startsWith("/_sim/")
        ? control({ faults, settings, apps, now, state, reset }, request)
        : api(request, signal);
    },
  };
}
