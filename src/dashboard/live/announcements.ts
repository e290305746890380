import { createStore, type Store } from "#dashboard/app/store.ts";

/** What a screen reader says when something changed by itself. */
export type Announcements = Store<string>;

export const createAnnouncements = (): Announcements => createStore("");
