/**
 * Waits until a new flexible server accepts writes. `pulumi up` runs it before the first write: for a moment after the
 * creation Azure refuses writes with ServerIsBusy, though the server is Ready, and azure-native does not retry them.
 *
 *     node --import tsx scripts/wait-until-writable.ts <server resource id>
 */
import { setTimeout as delay } from "node:timers/promises";
import { flexibleServerFromEnvironment } from "../azure/flexible-server";
import { type Notify } from "../common/notify";
import { runMain } from "../common/run-main";

/** A dynamic parameter of every version; it is written with its current value. */
const PARAMETER = "client_min_messages";

/** Sources: azure-postgresql 134 (a refused request), terraform-provider-azurerm 28298 (a failed operation). */
const BUSY_CODES = ["ServerIsBusy", "ServerBusy"];

export interface WritableOptions {
  readonly notify: Notify;
  /** @default 2 */
  readonly pollSeconds?: number;
  /** The longest time that the server may be busy. @default 600 */
  readonly timeoutSeconds?: number;
}

/**
 * Repeats a write, which must change nothing, while the server is busy. Throws any other failure at once.
 * Not common/poll.ts: the error at the deadline contains the last failure.
 */
export async function waitUntilWritable(
  write: () => Promise<unknown>,
  { notify, pollSeconds = 2, timeoutSeconds = 600 }: WritableOptions,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (let attempt = 1; ; attempt++) {
    try {
      await write();
      notify("The server accepts writes.");
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (Date.now() >= deadline) {
        throw new Error(
          `the server is still busy after ${timeoutSeconds} s (${error.message}); run \`pulumi up\` again later`,
        );
      }
      if (attempt === 1) notify("The server is busy with its creation; waiting.");
    }
    await delay(pollSeconds * 1000);
  }
}

/** Microsoft's client has a refused request's code as a property, and a failed operation's in its message only. */
function isBusy(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { code?: string };
  const [, failedWith] = /operation has failed\. (\w+)\./.exec(error.message) ?? [];
  return BUSY_CODES.includes(code ?? failedWith ?? "");
}

async function main(): Promise<void> {
  const { client, resourceGroupName, serverName } = await flexibleServerFromEnvironment(
    process.argv[2] ?? "",
    process.env,
  );
  const { configurations } = client;
  const { value, source } = await configurations.get(resourceGroupName, serverName, PARAMETER);
  const write = () =>
    configurations.beginPutAndWait(
      resourceGroupName,
      serverName,
      PARAMETER,
      { value, source },
      { updateIntervalInMs: 1000 },
    );
  await waitUntilWritable(write, { notify: console.log });
}

if (require.main === module) runMain(main, "wait-until-writable");
