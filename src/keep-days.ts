/** For how many days a snapshot is kept where nobody says. */
export const defaultKeepDays = 7;
