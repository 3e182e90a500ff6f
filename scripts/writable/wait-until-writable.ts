import { setTimeout as delay } from "node:timers/promises";

/** What the wait needs to know of, and do to, a flexible server. */
export interface WritableServer {
  /** A write that leaves everything as it is; fails as Azure's client does. */
  write(): Promise<unknown>;
  say(line: string): void;
  /** @default 2 */
  readonly pollSeconds?: number;
  /** How long the server may stay busy. @default 600 */
  readonly timeoutSeconds?: number;
}

/** Sources: azure-postgresql 134 (a refusal), terraform-provider-azurerm 28298 (a failed operation). */
const BUSY_CODES = ["ServerIsBusy", "ServerBusy"];

/**
 * Writes until the server takes it: for a moment after its creation Azure answers every write with ServerIsBusy,
 * though the server is Ready. Throws any other failure at once, and the last one past the deadline.
 */
export async function waitUntilWritable(server: WritableServer): Promise<void> {
  const { pollSeconds = 2, timeoutSeconds = 600 } = server;
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (let attempt = 1; ; attempt++) {
    try {
      await server.write();
      server.say("The server takes writes.");
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (Date.now() >= deadline) {
        throw new Error(
          `the server is still busy after ${timeoutSeconds} s (${error.message}); run \`pulumi up\` again later`,
        );
      }
      if (attempt === 1) server.say("The server is busy with its creation; waiting.");
    }
    await delay(pollSeconds * 1000);
  }
}

/** Microsoft's client gives a refusal's code as a property, a failed operation's in its message only. */
function isBusy(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { code?: string };
  const [, failedWith] = /operation has failed\. (\w+)\./.exec(error.message) ?? [];
  return BUSY_CODES.includes(code ?? failedWith ?? "");
}
