const control = /[\p{Cc}\p{Cf}]/gu;

/** Text from elsewhere on one line, without what would move the cursor, change colours or hide characters. */
export const printable = (text: string): string => text.replace(/[\r\n\t]+/g, " ").replace(control, "\u{fffd}");
