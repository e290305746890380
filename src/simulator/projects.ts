import { z } from "zod";
import type { Account } from "./account-state.ts";
import { bodyOf, type Call, iso, param, type Reply } from "./call.ts";
import { seededUuid } from "./chance.ts";
import { ApiError, notFound, unprocessable } from "./errors.ts";
import { page } from "./pagination.ts";
import { environments, type Project } from "./project.ts";

const shape = z.object({
  name: z.string().nullish(),
  description: z.string().nullish(),
  purpose: z.string().nullish(),
  environment: z.string().nullish(),
  is_default: z.boolean().nullish(),
});

const body = (call: Call, project: Project): object => ({
  id: project.id,
  owner_uuid: seededUuid(call.account.seed, "owner"),
  owner_id: 258_992,
  name: project.name,
  description: project.description,
  purpose: project.purpose,
  environment: project.environment,
  is_default: project.isDefault,
  created_at: iso(project.createdAt),
  updated_at: iso(project.updatedAt),
});

/** The default one, or that of an id. */
export function findProject(account: Account, id: string): Project {
  const project =
    id === "default" ? [...account.projects.values()].find((each) => each.isDefault) : account.projects.get(id);
  if (!project) throw notFound();
  return project;
}

const projectOfPath = (call: Call): Project => findProject(call.account, param(call, 0) || "default");

/** What a project is to become, or the 422. `complete` wants all that the official document does. */
function wanted(call: Call, before: Project, complete: boolean): Project {
  const sent = bodyOf(call, shape);
  const required = ["name", "purpose"] as const;
  if (complete && required.some((field) => !sent[field])) throw unprocessable("name and purpose are required");
  const name = sent.name ?? before.name;
  const purpose = sent.purpose ?? before.purpose;
  const environment = environments.find((each) => each === (sent.environment || before.environment));
  if (name === "" || name.length > 175) throw unprocessable("name must have 1 to 175 characters");
  if (purpose.length > 255) throw unprocessable("purpose must have at most 255 characters");
  if (!environment) throw unprocessable(`environment must be one of ${environments.join(", ")}`);
  if ([...call.account.projects.values()].some((each) => each.name === name && each.id !== before.id))
    throw new ApiError(409, "name is already in use");
  const description = sent.description ?? before.description;
  return { ...before, name, description, purpose, environment, isDefault: sent.is_default ?? before.isDefault };
}

/** GET /v2/projects */
export const listProjects = (call: Call): Reply =>
  page(call, "projects", [...call.account.projects.values()], (project) => body(call, project));

/** GET /v2/projects/{id}, and of the default one */
export const getProject = (call: Call): Reply => ({
  status: 200,
  body: { project: body(call, projectOfPath(call)) },
});

/** POST /v2/projects */
export function createProject(call: Call): Reply {
  const { account, now } = call;
  const id = seededUuid(account.seed, `project ${account.nextId}`);
  const blank = { id, name: "", description: "", purpose: "", isDefault: false, createdAt: now, updatedAt: now };
  const project = { ...wanted(call, { ...blank, environment: "Development" }, true), isDefault: false };
  account.nextId++;
  account.projects.set(id, project);
  return { status: 201, body: { project: body(call, project) } };
}

/** PUT and PATCH /v2/projects/{id}, and of the default one. Being the default is taken on, never given up. */
export const updateProject =
  (complete: boolean) =>
  (call: Call): Reply => {
    const before = projectOfPath(call);
    const changed = { ...wanted(call, before, complete), updatedAt: call.now };
    changed.isDefault ||= before.isDefault;
    if (changed.isDefault) for (const each of call.account.projects.values()) each.isDefault = false;
    call.account.projects.set(changed.id, changed);
    return { status: 200, body: { project: body(call, changed) } };
  };

/** DELETE /v2/projects/{id}: an empty one that is not the default; the 412 is DigitalOcean's for both. */
export function deleteProject(call: Call): Reply {
  const { id, isDefault } = projectOfPath(call);
  const holds = [...call.account.projectOf.values()].some((placement) => placement.project === id);
  if (isDefault || holds)
    throw new ApiError(412, isDefault ? "cannot delete the default project" : "cannot delete a project with resources");
  call.account.projects.delete(id);
  return { status: 204 };
}
