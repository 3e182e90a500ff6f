import execa from "execa";
import { z } from "zod";
import { type AuditSetting } from "../../common/audit-settings";
import { UserError } from "../../common/user-error";

const AUDIT_SETTING: z.ZodType<AuditSetting> = z.object({
  role: z.string().optional(),
  database: z.string().optional(),
  parameter: z.string(),
  value: z.string(),
});

const SERVER_OUTPUTS = z.object({
  /** Whether the stack created the server. Stacks of before 0.2 have none, and a server of their own. */
  ownsServer: z.boolean().default(true),
  serverFqdn: z.string(),
  databaseName: z.string(),
  administratorLogin: z.string(),
  administratorPassword: z.string(),
  /** By name; older stacks have none. */
  attendeePasswords: z.record(z.string(), z.string()).optional(),
});

const OUTPUTS = SERVER_OUTPUTS.extend({
  caBundle: z.string(),
  vmAddress: z.string(),
  sshPort: z.number(),
  vmAdminUsername: z.string(),
  sshHostKey: z.string(),
  sshPrivateKey: z.string(),
  mountPath: z.string(),
  logFolder: z.string(),
  /** Stacks of before the mount without a cache have none. */
  uncachedMountPath: z.string().optional(),
  /** Stacks of before 0.2 have none. */
  cacheSizeMb: z.number().optional(),
  /** Only with storageAuthentication sas. */
  storageSasExpiry: z.string().optional(),
  storageSasDays: z.number().optional(),
  /** Older stacks have none. */
  auditSettings: z.array(AUDIT_SETTING).optional(),
});

const TRAIL_OUTPUTS = z.object({
  resourceGroupName: z.string(),
  serverId: z.string(),
  storageAccountName: z.string(),
  containerName: z.string(),
  blobEndpoint: z.string(),
});

/** Where the audit trail is. */
export type TrailOutputs = z.infer<typeof TRAIL_OUTPUTS>;

/** What a connection to the server needs, a secret among it. */
export type ServerOutputs = z.infer<typeof SERVER_OUTPUTS>;

/** What the program exports, secrets among them; never to be printed as a whole. */
export type StackOutputs = z.infer<typeof OUTPUTS>;

export interface StackOptions {
  /** Undefined: the stack that is selected. */
  readonly stack?: string;
  /** @default the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** @default the folder of this process */
  readonly cwd?: string;
}

/**
 * Reads a stack's outputs with the Pulumi CLI.
 * @throws UserError where the stack has no VM
 */
export async function readStackOutputs(options: StackOptions): Promise<StackOutputs> {
  const { vm } = await readOutputs(options);
  if (vm) return vm;
  throw new UserError(
    `The stack ${options.stack ?? ""} has no VM (vm: false). Read its trail with ./lab audit; for SQL, use psql on this machine.`,
  );
}

/** The outputs of a stack, `vm` those of one with a VM. */
export interface AllOutputs {
  readonly server: ServerOutputs;
  readonly vm?: StackOutputs;
}

/** Reads a stack's outputs. */
export async function readOutputs(options: StackOptions): Promise<AllOutputs> {
  return checkedOutputs(await pulumiOutputs(options, ["--show-secrets"]), options);
}

/** The outputs of a stack by their names, once they are known to be complete. @throws Error where one is missing */
export function checkedOutputs(
  outputs: Record<string, unknown>,
  options: StackOptions,
): AllOutputs {
  const server = checked(SERVER_OUTPUTS, outputs, options);
  return outputs.vmAddress === undefined
    ? { server }
    : { server, vm: checked(OUTPUTS, outputs, options) };
}

/** Reads where a stack's trail is; nothing in it is secret. */
export async function readTrailOutputs(options: StackOptions): Promise<TrailOutputs> {
  return checked(TRAIL_OUTPUTS, await pulumiOutputs(options, []), options);
}

async function pulumiOutputs(
  { stack, env, cwd }: StackOptions,
  flags: readonly string[],
): Promise<Record<string, unknown>> {
  const choice = stack === undefined ? [] : ["--stack", stack];
  const args = ["stack", "output", "--json", ...flags, ...choice];
  const { stdout, stderr, exitCode } = await execa("pulumi", args, { env, cwd, reject: false });
  if (exitCode !== 0) throw outputsError(stderr.trim());
  return JSON.parse(stdout) as Record<string, unknown>;
}

export const PASSPHRASE_NEEDED =
  "The stack's secrets are encrypted with a passphrase, which Pulumi can't ask for here. Put it in a file that only " +
  "you can read, and name the file: export PULUMI_CONFIG_PASSPHRASE_FILE=~/.pg-audit-lab-passphrase\n" +
  "(or, for this shell only, set PULUMI_CONFIG_PASSPHRASE).";

/** Pulumi prompts for a passphrase only where both ends are a terminal, and here its output is read. */
function outputsError(message: string): Error {
  if (/PULUMI_CONFIG_PASSPHRASE/.test(message)) {
    return new UserError(PASSPHRASE_NEEDED);
  }
  return new Error(`pulumi stack output: ${message || "the Pulumi CLI isn't on PATH"}`);
}

function checked<T>(schema: z.ZodType<T>, outputs: unknown, { stack }: StackOptions): T {
  const result = schema.safeParse(outputs);
  if (result.success) return result.data;
  const missing = result.error.issues.map(({ path }) => path.join("."));
  throw new Error(
    `The stack ${stack ?? ""} has no output ${missing.join(", ")}: it isn't up. Run \`pulumi up\` first.`,
  );
}
