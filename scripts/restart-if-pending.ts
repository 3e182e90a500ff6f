/**
 * Restarts a flexible server if, and only if, one of its parameters is pending a restart; waits until the server is
 * ready and nothing is pending, and fails otherwise. `pulumi up` runs it after the static parameters.
 *
 *     node --import tsx scripts/restart-if-pending.ts <server resource id> [--only <parameter>,...] [--forbidden]
 *
 * With --only, parameters that somebody else has left pending don't restart the server. With --forbidden it fails instead of
 * restarting, and says what to do.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { flexibleServerFromEnvironment } from "../azure/flexible-server";
import { type Notify } from "../common/notify";
import { runMain } from "../common/run-main";
import { splitList } from "../common/split-list";

/** The calls of a flexible server that the restart needs. */
export interface RestartableServer {
  /** Azure's server state: Ready, Updating, Stopped, ... */
  state(): Promise<string>;
  /** Names of the parameters that are pending a restart. */
  pendingParameters(): Promise<string[]>;
  restart(): Promise<unknown>;
}

export interface RestartOptions {
  readonly notify: Notify;
  /** The parameters that count. @default all */
  readonly only?: readonly string[];
  /** Whether a restart is an error. @default false */
  readonly isForbidden?: boolean;
  /** @default 5 */
  readonly pollSeconds?: number;
  /** The longest time until the server is ready. @default 900 */
  readonly timeoutSeconds?: number;
}

/** A server leaves these states only if someone acts. Source: Azure's ServerState. */
const PERMANENT_STATES = ["Stopped", "Disabled", "Dropping"];

/**
 * Restarts the server once if a parameter is pending.
 * Azure refuses a restart while the server is updating (ServerIsNotReady), so it waits for Ready before and after.
 * Throws if the server isn't ready in time, or a parameter is still pending after the restart.
 */
export async function restartIfPending(
  server: RestartableServer,
  options: RestartOptions,
): Promise<void> {
  const { notify, only, isForbidden } = options;
  await waitUntilReady(server, options);
  const pendingParameters = async () =>
    (await server.pendingParameters()).filter((name) => only?.includes(name) ?? true);
  const pending = await pendingParameters();
  if (pending.length === 0) {
    notify("No parameter is pending a restart.");
    return;
  }
  if (isForbidden) {
    throw new Error(
      `${pending.join(", ")} is written and takes effect at a restart, which allowRestart: false forbids. ` +
        "Set it (pulumi config set allowRestart true), or restart the server when it suits you; then run `pulumi up` again",
    );
  }
  notify(`Restarting the server for ${pending.join(", ")}.`);
  await server.restart();
  await waitUntilReady(server, options);
  const still = await pendingParameters();
  if (still.length > 0) {
    throw new Error(`the server was restarted, but ${still.join(", ")} is still pending a restart`);
  }
  notify("The server is ready and nothing is pending.");
}

/** Not common/poll.ts: the errors report the server's state. */
async function waitUntilReady(
  server: RestartableServer,
  { pollSeconds = 5, timeoutSeconds = 900 }: RestartOptions,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const state = await server.state();
    if (state === "Ready") return;
    if (PERMANENT_STATES.includes(state)) {
      throw new Error(
        `the server is ${state}; start it (az postgres flexible-server start) and run \`pulumi up\` again`,
      );
    }
    if (Date.now() >= deadline) {
      throw new Error(
        `the server is still ${state} after ${timeoutSeconds} s; run \`pulumi up\` again later`,
      );
    }
    await delay(pollSeconds * 1000);
  }
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { only: { type: "string" }, forbidden: { type: "boolean" } },
  });
  const { client, resourceGroupName, serverName } = await flexibleServerFromEnvironment(
    positionals[0] ?? "",
    process.env,
  );
  const server: RestartableServer = {
    async state() {
      return (await client.servers.get(resourceGroupName, serverName)).state ?? "unknown";
    },
    async pendingParameters() {
      const pending: string[] = [];
      for await (const parameter of client.configurations.listByServer(
        resourceGroupName,
        serverName,
      )) {
        if (parameter.isConfigPendingRestart) pending.push(parameter.name ?? "unnamed");
      }
      return pending;
    },
    restart: () => client.servers.beginRestartAndWait(resourceGroupName, serverName),
  };
  await restartIfPending(server, {
    notify: console.log,
    only: values.only === undefined ? undefined : splitList(values.only),
    isForbidden: values.forbidden,
  });
}

if (require.main === module) runMain(main, "restart-if-pending");
