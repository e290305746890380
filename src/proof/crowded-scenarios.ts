import { accountScenarios } from "./account-scenarios.ts";
import { askedInVainScenarios } from "./asked-in-vain-scenarios.ts";
import { darkScenarios } from "./dark-scenarios.ts";
import { editedScenarios } from "./edited-scenarios.ts";
import { fleetScenarios } from "./fleet-scenarios.ts";
import { givenUpScenarios } from "./given-up-scenarios.ts";
import { goneScenarios } from "./gone-scenarios.ts";
import { hostnameScenarios } from "./hostname-scenarios.ts";
import { lateScenarios } from "./late-scenarios.ts";
import { onceOursScenarios } from "./once-ours-scenarios.ts";
import { ledAwayScenarios } from "./led-away-scenarios.ts";
import { othersScenarios } from "./others-scenarios.ts";
import { racedScenarios } from "./raced-scenarios.ts";
import { reservedByOthersScenarios } from "./reserved-by-others-scenarios.ts";
import type { Scenario } from "./scenarios.ts";
import { takenOverScenarios } from "./taken-over-scenarios.ts";
import { undrainedScenarios } from "./undrained-scenarios.ts";
import { toldOddlyScenarios } from "./told-oddly-scenarios.ts";
import { weatherScenarios } from "./weather-scenarios.ts";
import { zoneScenarios } from "./zone-scenarios.ts";

/** The product's own sagas in an account that is crowded and odd, and in which others have things of their own. */
export const crowdedScenarios: Readonly<Record<string, Scenario>> = {
  ...hostnameScenarios,
  ...zoneScenarios,
  ...weatherScenarios,
  ...lateScenarios,
  ...othersScenarios,
  ...reservedByOthersScenarios,
  ...fleetScenarios,
  ...goneScenarios,
  ...givenUpScenarios,
  ...accountScenarios,
  ...takenOverScenarios,
  ...onceOursScenarios,
  ...racedScenarios,
  ...undrainedScenarios,
  ...askedInVainScenarios,
  ...darkScenarios,
  ...ledAwayScenarios,
  ...toldOddlyScenarios,
  ...editedScenarios,
};
