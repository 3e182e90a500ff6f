import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { readFileIfExists } from "../../common/files";
import { parseJson } from "../../common/json";
import { isWorkshopStack, LOCAL_STACK } from "../lab/names";

/** A stack's files in Pulumi's file backend. Source: backend/diy of pulumi/pulumi 3.230. */
const PROJECT = "pg-audit-lab";

const stateFolder = (backend: string): string => path.join(backend, ".pulumi", "stacks", PROJECT);

export const stateFile = (backend: string, stack: string): string =>
  path.join(stateFolder(backend), `${stack}.json`);

/** The names of all stacks. */
export function stackNames(backend: string): string[] {
  const folder = stateFolder(backend);
  const files = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return files.filter((name) => name.endsWith(".json")).map((name) => path.parse(name).name);
}

/** The stacks of a workshop on local Azure. */
export const workshopStacks = (backend: string): string[] =>
  stackNames(backend).filter((name) => isWorkshopStack(name, LOCAL_STACK));

/** Contains `version: 1`: the layout of the other files. */
export const metadataFile = (backend: string): string => path.join(backend, ".pulumi", "meta.yaml");

export const lockFolder = (backend: string, stack: string): string =>
  path.join(backend, ".pulumi", "locks", "organization", PROJECT, stack);

const historyFolder = (backend: string, stack: string): string =>
  path.join(backend, ".pulumi", "history", PROJECT, stack);

/** Removes what Pulumi keeps of a stack that was removed: former states, locks and history. */
export function removeTraces(backend: string, stack: string): void {
  const folders = [
    path.join(backend, ".pulumi", "backups", PROJECT, stack),
    ...[lockFolder(backend, stack), historyFolder(backend, stack)],
  ];
  for (const place of [...folders, `${stateFile(backend, stack)}.bak`])
    fs.rmSync(place, { recursive: true, force: true });
}

const STATE = z.object({
  checkpoint: z.object({
    latest: z
      .object({
        pending_operations: z.array(z.unknown()).nullish(),
        resources: z
          .array(z.object({ urn: z.string(), type: z.string(), id: z.string().optional() }))
          .nullish(),
      })
      .nullish(),
  }),
});

const UPDATE = z.object({ kind: z.string(), result: z.string() });

/** Whether the last update or `destroy` didn't succeed: it failed, or its engine was killed. */
export function wasInterrupted(backend: string, stack: string): boolean {
  if ((latestState(backend, stack)?.pending_operations ?? []).length > 0) return true;
  return lastResult(historyFolder(backend, stack)) === "failed";
}

/** Whether the stack has resources: it wasn't destroyed as a whole. */
export const hasResources = (backend: string, stack: string): boolean =>
  (latestState(backend, stack)?.resources ?? []).length > 0;

/** The ids of the stack's resources, as their cloud knows them. */
export const resourceIds = (backend: string, stack: string): string[] =>
  (latestState(backend, stack)?.resources ?? []).flatMap(({ id }) => id ?? []);

/**
 * The resource that gives the server its random name, where there is no server. An interrupted `destroy` may have deleted the
 * server, and Azure keeps a deleted server's name: the next one needs another.
 */
export function unusedServerName(backend: string, stack: string): string | undefined {
  const resources = latestState(backend, stack)?.resources ?? [];
  if (resources.some(({ type }) => type === "azure-native:dbforpostgresql:Server")) {
    return undefined;
  }
  return resources.find(({ urn }) => urn.endsWith("::postgres-suffix"))?.urn;
}

const latestState = (backend: string, stack: string) =>
  STATE.safeParse(parseJson(readFileIfExists(stateFile(backend, stack)) ?? "")).data?.checkpoint
    .latest;

/** The result of the last update or `destroy`; a killed engine records none. */
function lastResult(folder: string): string | undefined {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  const newestFirst = names
    .filter((name) => name.endsWith(".history.json"))
    .sort()
    .reverse();
  for (const name of newestFirst) {
    const text = readFileIfExists(path.join(folder, name)) ?? "";
    const update = UPDATE.safeParse(parseJson(text)).data;
    if (update && ["update", "destroy"].includes(update.kind)) return update.result;
  }
  return undefined;
}
