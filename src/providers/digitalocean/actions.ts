import { z } from "zod";
import type { Call } from "./call.ts";
import type { Http } from "./http.ts";
import { optional, optionalDate } from "./lenient.ts";
import type { List, Listing, ListPaginated } from "./pages.ts";

/** Upon a droplet, a volume or a reserved IP. */
const action = z.object({
  id: z.int(),
  type: z.string(),
  status: z.string(),
  /** Upon what; older answers may not tell. */
  resource_id: optional(z.int()),
  resource_type: optional(z.string()),
  started_at: optionalDate,
  /** Null as long as it goes on. */
  completed_at: optionalDate,
});

/** `status` is `in-progress`, `completed` or `errored`; "completed" has come with the droplet still on (godo#PR136). */
export type Action = Readonly<z.output<typeof action>>;

/** `shutdown` asks the system on it to stop, and may have no effect; `power_off` takes the power away. */
export type ActionRequest =
  | { readonly type: "power_on" | "power_off" | "shutdown" }
  /** `disk: false`: only CPU and RAM, so that it can be undone. The droplet must be off. */
  | { readonly type: "resize"; readonly size: string; readonly disk: false }
  /** It may take as long as an hour; the droplet takes no other action meanwhile. */
  | { readonly type: "snapshot"; readonly name: string }
  /** A slug, or an id as digits. The droplet keeps its id, address and user_data. */
  | { readonly type: "rebuild"; readonly image: string };

export interface Actions {
  /** Asks for an action upon a droplet: accepted, not yet done. Never sent twice; `effect` of the error says what it may have done. */
  start(dropletId: number, request: ActionRequest, call: Call): Promise<Action>;
  /** Every action upon the droplet; not those upon what is attached to it, a reserved IP or a volume, which may be listed too. */
  list(dropletId: number, call: Call): Promise<Listing<Action>>;
}

/** The answer to a request for an action. */
export const askedAction = (isAsked: (it: Action) => boolean) =>
  z.object({ action: action.refine(isAsked, "is not the action that was asked for") }).transform((body) => body.action);

/** How actions are listed: the newest is decided by, and one that cannot be read may be it. */
export const actionList = (path: Readonly<Record<string, string | number>>, schema = action): List<Action> => ({
  path,
  key: "actions",
  schema,
  identity: (it) => it.id,
  oddItem: () => "refuse",
});

export function createActions(http: Http, listPaginated: ListPaginated): Actions {
  const route = "/v2/droplets/{id}/actions";
  const isUpon = (it: Action, dropletId: number): boolean => (it.resource_id ?? dropletId) === dropletId;
  const isOfDroplet = ({ resource_type: type }: Action): boolean => (type ?? "droplet") === "droplet";
  return {
    start: (id, request, call) => {
      const schema = askedAction((it) => it.type === request.type && isUpon(it, id));
      return http.send({ method: "POST", route, path: { id }, body: bodyOf(request), schema }, call);
    },
    async list(id, call) {
      const upon = action.refine(
        (it) => !isOfDroplet(it) || isUpon(it, id),
        "is not an action upon the droplet that was asked for",
      );
      const listing = await listPaginated(route, actionList({ id }, upon), call);
      return { ...listing, items: listing.items.filter(isOfDroplet) };
    },
  };
}

const bodyOf = (request: ActionRequest): object =>
  request.type === "rebuild" && /^\d+$/.test(request.image) ? { ...request, image: Number(request.image) } : request;
