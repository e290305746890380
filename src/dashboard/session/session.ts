import { createStore, type Store } from "#dashboard/app/store.ts";

/** `ended` says why the server no longer takes the token: the page stays, and asks for another. */
export interface SessionState {
  readonly token: string | null;
  readonly ended: string | null;
}

export interface Session extends Pick<Store<SessionState>, "get" | "subscribe"> {
  begin(token: string): void;
  /** The server refused this token; one that has been replaced meanwhile ends nothing. */
  refused(token: string, why: string): void;
  end(): void;
}

const key = "arcadia-token";

/** The token is kept for this tab only, and never in an address. */
export function createSession(storage: Storage): Session {
  const state = createStore<SessionState>({ token: storage.getItem(key), ended: null });
  return {
    get: state.get,
    subscribe: state.subscribe,
    begin(token) {
      storage.setItem(key, token);
      state.set({ token, ended: null });
    },
    refused(token, why) {
      if (state.get().token !== token) return;
      storage.removeItem(key);
      state.set({ token, ended: why });
    },
    end() {
      storage.removeItem(key);
      state.set({ token: null, ended: null });
    },
  };
}
