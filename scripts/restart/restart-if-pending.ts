import { setTimeout as delay } from "node:timers/promises";

/** What the restart needs to know of, and do to, a flexible server. */
export interface RestartableServer {
  /** Azure's server state: Ready, Updating, Stopped, ... */
  state(): Promise<string>;
  /** Names of the parameters that wait for a restart. */
  pendingParameters(): Promise<string[]>;
  restart(): Promise<unknown>;
  say(line: string): void;
  /** @default 5 */
  readonly pollSeconds?: number;
  /** How long the server may take to become ready. @default 900 */
  readonly timeoutSeconds?: number;
}

/** States that no waiting ends. Source: Azure's ServerState. */
const DEAD_ENDS = ["Stopped", "Disabled", "Dropping"];

/**
 * Restarts the server once if a parameter is pending, else leaves it alone.
 * Azure refuses a restart while the server is updating (ServerIsNotReady), so it waits for Ready before and after.
 * Throws where the server doesn't become ready in time, or a parameter is still pending after the restart.
 */
export async function restartIfPending(server: RestartableServer): Promise<void> {
  await waitUntilReady(server);
  const pending = await server.pendingParameters();
  if (pending.length === 0) {
    server.say("No parameter waits for a restart.");
    return;
  }
  server.say(`Restarting the server for ${pending.join(", ")}.`);
  await server.restart();
  await waitUntilReady(server);
  const still = await server.pendingParameters();
  if (still.length > 0) {
    throw new Error(`the server was restarted, but ${still.join(", ")} still wait for a restart`);
  }
  server.say("The server is ready and nothing is pending.");
}

async function waitUntilReady(server: RestartableServer): Promise<void> {
  const { pollSeconds = 5, timeoutSeconds = 900 } = server;
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const state = await server.state();
    if (state === "Ready") return;
    if (DEAD_ENDS.includes(state)) {
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
