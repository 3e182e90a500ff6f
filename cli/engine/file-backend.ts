import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { readFileIfExists } from "../../common/files";
import { parseJson } from "../../common/json";
import { LOCAL_STACK } from "../lab/names";

/** The local stack's files in Pulumi's file backend. Source: backend/diy of pulumi/pulumi 3.230. */
const PROJECT = "pg-audit-lab";

export const stateFile = (backend: string): string =>
  path.join(backend, ".pulumi", "stacks", PROJECT, `${LOCAL_STACK}.json`);

export const lockFolder = (backend: string): string =>
  path.join(backend, ".pulumi", "locks", "organization", PROJECT, LOCAL_STACK);

const historyFolder = (backend: string): string =>
  path.join(backend, ".pulumi", "history", PROJECT, LOCAL_STACK);

const STATE = z.object({
  checkpoint: z.object({
    latest: z.object({ pending_operations: z.array(z.unknown()).nullish() }).nullish(),
  }),
});

const UPDATE = z.object({ kind: z.string(), result: z.string() });

/** Whether the last update or `destroy` didn't succeed: it failed, or its engine was killed. */
export function wasInterrupted(backend: string): boolean {
  const state = STATE.safeParse(parseJson(readFileIfExists(stateFile(backend)) ?? "")).data;
  if ((state?.checkpoint.latest?.pending_operations ?? []).length > 0) return true;
  return lastResult(historyFolder(backend)) === "failed";
}

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
