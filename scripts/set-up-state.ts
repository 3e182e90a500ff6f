/**
 * Creates what a team keeps Pulumi's state in: a storage account with a container for the state, and a key vault with a key that
 * encrypts the secrets in it. Signs in as the provider does (`az login`, or ARM_* variables). Can run again at any time: it
 * continues after an interruption, adds people, and writes nothing that is there already.
 *
 *     node --import tsx scripts/set-up-state.ts --subscription <id> --location <name> [--resource-group <name>]
 *       [--writer <object id>]... [--reader <object id>]...
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { resourceManagerFromEnvironment } from "../azure/resource-manager";
import { runMain } from "../common/run-main";
import { UserError } from "../common/user-error";
import { ensure, type EnsureOptions, RefusedError, type Wanted } from "./state/ensure";
import { registerProviders } from "./state/register-providers";
import * as resources from "./state/state-resources";

export interface StateOptions extends resources.StateUsers {
  readonly subscriptionId: string;
  readonly location: string;
  readonly resourceGroupName: string;
}

/** What Pulumi needs to know of the state; no secrets. */
export interface StateUrls {
  /** For `pulumi login` and PULUMI_BACKEND_URL. */
  readonly backend: string;
  /** For `pulumi stack init --secrets-provider`. */
  readonly secretsProvider: string;
}

const SUBSCRIPTION = z.object({ tenantId: z.string() });
const KEY = z.object({ keyUriWithVersion: z.string().startsWith("https://") });

export async function setUpState(
  { subscriptionId, location, resourceGroupName, ...users }: StateOptions,
  options: EnsureOptions,
): Promise<StateUrls> {
  const subscription = {
    what: `subscription ${subscriptionId}`,
    id: `/subscriptions/${subscriptionId}`,
    apiVersion: "2022-12-01",
    body: {},
  };
  const { tenantId } = SUBSCRIPTION.parse(await existing(subscription, options));
  await registerProviders(subscriptionId, ["Microsoft.Storage", "Microsoft.KeyVault"], options);
  const wanted = { subscriptionId, tenantId, location, resourceGroupName };
  const group = await ensure(resources.resourceGroup(wanted), options);
  // A group that exists may be in another location, and everything is in its location.
  const place = { ...wanted, location: group.location ?? location };
  for (const each of resources.stateStorage(place)) await ensure(each, options);
  await ensureVault(place, options);
  const key = await ensure(resources.vaultKey(place), options);
  for (const each of resources.roleAssignments(place, users)) await ensureRole(each, options);
  const { keyUriWithVersion } = KEY.parse(key.properties);
  return {
    backend: `azblob://${resources.CONTAINER}?storage_account=${resources.accountName(place)}`,
    // With the version: without one Pulumi decrypts with the newest, and after a rotation can't read the state.
    // Source: Decrypt of gocloud.dev/secrets/azurekeyvault 0.37, which Pulumi 3.230 uses.
    secretsProvider: keyUriWithVersion.replace(/^https:/, "azurekeyvault:"),
  };
}

async function existing(wanted: Wanted, options: EnsureOptions): Promise<unknown> {
  const { status, body } = await options.send(
    "GET",
    `${wanted.id}?api-version=${wanted.apiVersion}`,
  );
  if (status === 200) return body;
  throw new UserError(
    `the ${wanted.what} can't be read (${status}): is its id right, and does this sign-in belong to its tenant? ` +
      "`az account list --output table` shows yours.",
  );
}

async function ensureVault(place: resources.StatePlace, options: EnsureOptions): Promise<void> {
  try {
    await ensure(resources.keyVault(place), options);
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== "ConflictError") throw error;
    const name = resources.vaultName(place);
    throw new UserError(
      `the key vault "${name}" was deleted, and Azure keeps it with the key that decrypts the state. Restore it with ` +
        `\`az keyvault recover --name ${name}\`, then run this again.`,
    );
  }
}

/** Azure refuses a second assignment of the same role under another name. Source: "Troubleshoot Azure RBAC". */
async function ensureRole(wanted: Wanted, options: EnsureOptions): Promise<void> {
  try {
    await ensure(wanted, options);
  } catch (error) {
    if (error instanceof RefusedError && error.code === "RoleAssignmentExists") return;
    throw error;
  }
}

const USAGE =
  "usage: set-up-state.ts --subscription <id> --location <name> [--resource-group <name>] " +
  "[--writer <object id>]... [--reader <object id>]...";

async function main(): Promise<void> {
  const { subscription, location, ...others } = parse(process.argv.slice(2));
  const { send } = await resourceManagerFromEnvironment(process.env);
  const urls = await setUpState(
    {
      subscriptionId: subscription,
      location,
      resourceGroupName: others["resource-group"],
      writers: others.writer,
      readers: others.reader,
    },
    { send, notify: console.error },
  );
  console.log(`pulumi login '${urls.backend}'
pulumi stack init dev --secrets-provider '${urls.secretsProvider}'`);
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  const list = { type: "string", multiple: true, default: [] as string[] } as const;
  try {
    const { values } = parseArgs({
      args,
      options: {
        subscription: { ...text, default: process.env.ARM_SUBSCRIPTION_ID },
        location: text,
        "resource-group": { ...text, default: "pg-audit-lab-state" },
        writer: list,
        reader: list,
      },
    });
    return OPTIONS.parse(values);
  } catch (error) {
    const problems =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `--${path[0]?.toString()}: ${message}`).join("; ")
        : (error as Error).message;
    throw new UserError(`${problems}\n${USAGE}`);
  }
}

const OBJECT_ID = z.uuid({
  error: "must be an object id, such as `az ad signed-in-user show --query id` prints",
});
const OPTIONS = z.object({
  subscription: z.uuid({ error: "must be a subscription's id" }),
  location: z.string({ error: "is required, such as westeurope" }).min(1),
  "resource-group": z.string().min(1),
  writer: z.array(OBJECT_ID),
  reader: z.array(OBJECT_ID),
});

if (require.main === module) runMain(main, "set-up-state");
