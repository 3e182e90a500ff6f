import { PulumiCommand, type StackSummary } from "@pulumi/pulumi/automation";
import execa from "execa";
import { lastLines } from "../../common/run-command";
import { UserError } from "../../common/user-error";
import { PROJECT_ROOT } from "../../local/paths";
import { type AllOutputs, PASSPHRASE_NEEDED, readOutputs } from "../access/stack-outputs";
import { settle } from "../settle/settle";
import { StackState } from "../settle/stack-state";
import { type PlannedStack } from "./plan";
import { type Attempt } from "./run";
import { destroyStack, type EngineAccess, openWorkspace, type Stacks, updateStack } from "./stacks";
import { type Template } from "./template";

/** The stacks on Azure, with the `pulumi` on PATH and its login. */
export class CloudStacks implements Stacks {
  private readonly known: Set<string>;

  private constructor(
    private readonly access: EngineAccess,
    private readonly found: StackSummary[],
  ) {
    this.known = new Set(found.map(({ name }) => name));
  }

  /** @throws UserError where there is no `pulumi`, no login, or no passphrase */
  static async open(template: Template, env = process.env): Promise<CloudStacks> {
    const isGiven = env.PULUMI_CONFIG_PASSPHRASE ?? env.PULUMI_CONFIG_PASSPHRASE_FILE;
    if (template.needsPassphrase && isGiven === undefined) throw new UserError(PASSPHRASE_NEEDED);
    try {
      const command = await PulumiCommand.get();
      const access = { command, env };
      return new CloudStacks(access, await (await openWorkspace(access)).listStacks());
    } catch (error) {
      throw new UserError(
        `Pulumi's stacks can't be listed. You need the Pulumi CLI on PATH and a login (README.md, "Azure in five steps").\n` +
          lastLines((error as Error).message),
      );
    }
  }

  async names(): Promise<string[]> {
    return [...this.known];
  }

  async summaries(): Promise<StackSummary[]> {
    return this.found;
  }

  async up({ stack }: PlannedStack, template: Template, attempt: Attempt): Promise<AllOutputs> {
    if (!this.known.has(stack)) {
      attempt.say("creating the stack");
      await this.create(stack, template);
      this.known.add(stack);
    } else await this.settle(stack, attempt);
    attempt.signal.throwIfAborted();
    return updateStack(this.access, stack, attempt);
  }

  async destroy(stack: string, attempt: Attempt): Promise<void> {
    await this.settle(stack, attempt);
    attempt.signal.throwIfAborted();
    await destroyStack(this.access, stack, attempt);
    this.known.delete(stack);
  }

  async outputs(stack: string): Promise<AllOutputs | undefined> {
    return readOutputs({ stack, env: this.access.env, cwd: PROJECT_ROOT }).catch(() => undefined);
  }

  /** Without selecting it: plain `pulumi` goes on with the person's stack. */
  private async create(stack: string, { secretsProvider }: Template): Promise<void> {
    const provider = secretsProvider === undefined ? [] : ["--secrets-provider", secretsProvider];
    const args = ["stack", "init", stack, "--no-select", ...provider, "--non-interactive"];
    const { env } = this.access;
    const { exitCode, all } = await execa("pulumi", args, {
      ...{ cwd: PROJECT_ROOT, env, stdin: "ignore", all: true, reject: false },
    });
    if (exitCode === 0) return;
    throw new Error(`pulumi stack init ${stack} ended with ${exitCode}:\n${lastLines(all ?? "")}`);
  }

  /** After an update that failed or was killed; otherwise there is nothing to settle, and no time is spent. */
  private async settle(stack: string, { note, say }: Attempt): Promise<void> {
    say("reading the state");
    const cli = { stack, env: this.access.env, cwd: PROJECT_ROOT };
    if (!(await wasInterrupted(cli))) return;
    note("The last update of the stack was interrupted or failed: settling its state");
    say("settling the state");
    // Where it fails, the update says more of the cause, or succeeds.
    await settle({ ...cli, ownsSubscription: false, notify: note }).catch((error: Error) =>
      note(`The state couldn't be settled: ${error.message}`),
    );
  }
}

async function wasInterrupted(cli: {
  readonly stack: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}): Promise<boolean> {
  const { deployment } = await new StackState(cli).read();
  if ((deployment?.pending_operations ?? []).length > 0) return true;
  const args = ["stack", "history", "--json", "--page-size", "1", "--stack", cli.stack];
  const { stdout } = await execa("pulumi", args, { env: cli.env, cwd: cli.cwd });
  const [last] = JSON.parse(stdout || "[]") as { readonly result?: string }[];
  return last !== undefined && last.result !== "succeeded";
}
