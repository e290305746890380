import { toldUsd } from "#usd.ts";

/** An amount of US dollars by the provider's catalogue; null: that does not tell. */
export const usd = (amount: number | null): string => (amount === null ? "an unknown price" : toldUsd(amount));
