/**
 * The values that server parameters had before the stack's, for a server that existed before it.
 *
 *     node --import tsx scripts/former-parameters.ts <server resource id> remember|restore
 *
 * Standard input: the stack's values, a JSON list of {name, value}. `remember` prints the former values as JSON, which Pulumi
 * keeps in the state and gives back in PULUMI_COMMAND_STDOUT. Run again, it keeps what it has, adds new names, and restores
 * those that the stack no longer sets. `restore` writes all former values back, and says which need a restart.
 */
import { type PostgreSQLManagementFlexibleServerClient } from "@azure/arm-postgresql-flexible";
import * as fs from "node:fs";
import { flexibleServerFromEnvironment } from "../azure/flexible-server";
import { type Notify } from "../common/notify";
import { runMain } from "../common/run-main";
import { splitList } from "../common/split-list";

export interface ParameterValue {
  readonly value: string;
  /** Azure's `user-override` or `system-default`. */
  readonly source: string;
}

/** The parameters of a flexible server. */
export interface Parameters {
  read(name: string): Promise<ParameterValue & { readonly isPendingRestart: boolean }>;
  write(name: string, value: ParameterValue): Promise<unknown>;
}

/** By name. */
type Values = Readonly<Record<string, ParameterValue>>;
type StackValue = { readonly name: string; readonly value: string };

/** Lists of names, which others may have extended meanwhile: only what the stack added is taken away. */
const LISTS = ["azure.extensions", "shared_preload_libraries"];

/** @returns the former values of the stack's parameters */
export async function remember(
  parameters: Parameters,
  stack: readonly StackValue[],
  before: Values,
  notify: Notify,
): Promise<Values> {
  const names = stack.map(({ name }) => name);
  const dropped = Object.entries(before).filter(([name]) => !names.includes(name));
  for (const [name, former] of dropped)
    await restoreOne(parameters, name, former, undefined, notify);
  const values: Record<string, ParameterValue> = {};
  for (const name of names) {
    const { value, source } = before[name] ?? (await parameters.read(name));
    values[name] = { value, source };
  }
  return values;
}

/** Writes the former values, except where somebody has set another one since. */
export async function restore(
  parameters: Parameters,
  stack: readonly StackValue[],
  former: Values,
  notify: Notify,
): Promise<void> {
  const needRestart: string[] = [];
  for (const [name, value] of Object.entries(former)) {
    const ours = stack.find((entry) => entry.name === name)?.value;
    const isPending = await restoreOne(parameters, name, value, ours, notify);
    if (isPending) needRestart.push(name);
  }
  if (needRestart.length > 0) {
    notify(
      `${needRestart.join(", ")}: takes effect when the server is restarted, which this doesn't do. Restart it when it suits you.`,
    );
  }
}

/** @returns whether the parameter is pending a restart then */
async function restoreOne(
  parameters: Parameters,
  name: string,
  former: ParameterValue,
  ours: string | undefined,
  notify: Notify,
): Promise<boolean> {
  const current = await parameters.read(name);
  const isList = LISTS.includes(name);
  if (!isList && ours !== undefined && current.value !== ours) {
    notify(`${name} stays "${current.value}": it was changed since the stack set it to "${ours}".`);
    return false;
  }
  const value = isList ? withoutOurs(current.value, former.value, ours ?? "") : former.value;
  if (value === current.value) return current.isPendingRestart;
  await parameters.write(name, {
    value,
    source: value === former.value ? former.source : "user-override",
  });
  notify(`${name} is "${value}" again.`);
  return (await parameters.read(name)).isPendingRestart;
}

function withoutOurs(current: string, former: string, ours: string): string {
  const lower = (list: string) => splitList(list).map((name) => name.toLowerCase());
  const added = lower(ours).filter((name) => !lower(former).includes(name));
  const kept = splitList(current).filter((name) => !added.includes(name.toLowerCase()));
  // The former text, where nobody has changed the list.
  return kept.join() === splitList(former).join() ? former : kept.join(",");
}

/** The parameters of a server by the API. */
function parametersOf(
  client: PostgreSQLManagementFlexibleServerClient,
  resourceGroupName: string,
  serverName: string,
): Parameters {
  return {
    async read(name) {
      const found = await client.configurations.get(resourceGroupName, serverName, name);
      return {
        value: found.value ?? "",
        source: found.source ?? "user-override",
        isPendingRestart: found.isConfigPendingRestart ?? false,
      };
    },
    write: (name, value) =>
      client.configurations.beginPutAndWait(resourceGroupName, serverName, name, value, {
        updateIntervalInMs: 1000,
      }),
  };
}

async function main(): Promise<void> {
  const [id = "", verb = ""] = process.argv.slice(2);
  const stack = JSON.parse(fs.readFileSync(0, "utf8")) as StackValue[];
  const former = JSON.parse(process.env.PULUMI_COMMAND_STDOUT || "{}") as Values;
  const { client, resourceGroupName, serverName } = await flexibleServerFromEnvironment(
    id,
    process.env,
  );
  const parameters = parametersOf(client, resourceGroupName, serverName);
  if (verb === "remember") {
    console.log(JSON.stringify(await remember(parameters, stack, former, console.error)));
    return;
  }
  try {
    await restore(parameters, stack, former, console.error);
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 404) throw error;
    console.error(`The server ${serverName} was deleted: there is nothing to restore.`);
  }
}

if (require.main === module) runMain(main, "former-parameters");
