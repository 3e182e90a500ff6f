import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { UserError } from "../../common/user-error";
import { type EnsureOptions } from "./ensure";

const API_VERSION = "2024-03-01";
const PROVIDER = z.object({ registrationState: z.string() });

/** Registers resource providers that a subscription hasn't used yet, and waits for them. */
export async function registerProviders(
  subscriptionId: string,
  namespaces: readonly string[],
  { send, notify, pollSeconds = 2, timeoutSeconds = 600 }: EnsureOptions,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (const namespace of namespaces) {
    const path = `/subscriptions/${subscriptionId}/providers/${namespace}`;
    const version = `?api-version=${API_VERSION}`;
    const state = async (method: string, url: string) => {
      const { status, body } = await send(method, url);
      if (status !== 200) {
        throw new UserError(`${namespace} can't be registered: ${status} ${JSON.stringify(body)}`);
      }
      return PROVIDER.parse(body).registrationState;
    };
    if ((await state("GET", path + version)) === "Registered") continue;
    notify(`Registering ${namespace}.`);
    await state("POST", `${path}/register${version}`);
    while ((await state("GET", path + version)) !== "Registered") {
      if (Date.now() >= deadline) {
        throw new UserError(
          `${namespace} isn't registered after ${timeoutSeconds} s; run this again later`,
        );
      }
      await delay(pollSeconds * 1000);
    }
  }
}
