/** US dollars as people write them: `$6`, `$9.20`. */
export const toldUsd = (amount: number): string => `$${Number.isInteger(amount) ? amount : amount.toFixed(2)}`;
