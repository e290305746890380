/** The patterns in what was typed, however they are separated. */
export const hostnamesIn = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
