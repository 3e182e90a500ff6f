import execa from "execa";
import { z } from "zod";

const OUTPUTS = z.object({
  serverFqdn: z.string(),
  databaseName: z.string(),
  administratorLogin: z.string(),
  administratorPassword: z.string(),
  caBundle: z.string(),
  vmAddress: z.string(),
  sshPort: z.number(),
  vmAdminUsername: z.string(),
  sshHostKey: z.string(),
  sshPrivateKey: z.string(),
  mountPath: z.string(),
  logFolder: z.string(),
});

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

/** Reads a stack's outputs with the Pulumi CLI. */
export async function readStackOutputs({ stack, env, cwd }: StackOptions): Promise<StackOutputs> {
  const choice = stack === undefined ? [] : ["--stack", stack];
  const args = ["stack", "output", "--json", "--show-secrets", ...choice];
  const { stdout, stderr, exitCode } = await execa("pulumi", args, { env, cwd, reject: false });
  if (exitCode !== 0) {
    throw new Error(`pulumi stack output: ${stderr.trim() || "the Pulumi CLI isn't on PATH"}`);
  }
  const result = OUTPUTS.safeParse(JSON.parse(stdout));
  if (result.success) return result.data;
  const missing = result.error.issues.map(({ path }) => path.join("."));
  throw new Error(
    `The stack ${stack ?? ""} has no output ${missing.join(", ")}: it isn't up. Run \`pulumi up\` first.`,
  );
}
