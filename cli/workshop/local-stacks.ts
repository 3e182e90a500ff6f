import { PulumiCommand, type StackSummary } from "@pulumi/pulumi/automation";
import { cliFolder } from "../../local/engine/cli";
import { type Lab } from "../../local/lab";
import { PROJECT_ROOT } from "../../local/paths";
import { writePasswordFile } from "../access/psql-words";
import { type AllOutputs, readOutputs } from "../access/stack-outputs";
import { removeTraces, stackNames } from "../engine/file-backend";
import { labEngineEnv } from "../lab/context";
import { prepareStack } from "../lab/prepare-stack";
import { findRepairs } from "../lab/repairs";
import { requireStackRuns } from "../lab/stack-parts";
import { type PlannedStack } from "./plan";
import { type Attempt } from "./run";
import { destroyStack, type EngineAccess, openWorkspace, type Stacks, updateStack } from "./stacks";
import { type Template } from "./template";

/** The stacks on local Azure, with the lab's own engine. */
export class LocalStacks implements Stacks {
  private constructor(
    private readonly lab: Lab,
    private readonly access: EngineAccess,
  ) {}

  static async of(lab: Lab): Promise<LocalStacks> {
    // Another CLI than the lab's own is the first on the PATH of the lab's environment.
    const own = lab.engine.source === "path" ? {} : { root: cliFolder(lab.paths) };
    const command = await PulumiCommand.get(own);
    return new LocalStacks(lab, { command, env: labEngineEnv(lab) });
  }

  async names(): Promise<string[]> {
    return stackNames(this.lab.paths.pulumiState);
  }

  async summaries(): Promise<StackSummary[]> {
    return (await openWorkspace(this.access)).listStacks();
  }

  async up({ stack }: PlannedStack, _: Template, attempt: Attempt): Promise<AllOutputs> {
    requireStackRuns(this.lab.paths, stack);
    const urns = await this.prepare(stack, attempt);
    const repairs = await findRepairs(this.lab, stack);
    for (const { problem, replaced } of repairs) {
      attempt.note(problem);
      urns.push(replaced);
    }
    attempt.signal.throwIfAborted();
    const outputs = await updateStack(this.access, stack, attempt, urns);
    writePasswordFile(this.lab.paths, stack, outputs.server);
    return outputs;
  }

  async destroy(stack: string, attempt: Attempt): Promise<void> {
    await this.prepare(stack, attempt);
    attempt.signal.throwIfAborted();
    await destroyStack(this.access, stack, attempt);
    removeTraces(this.lab.paths.pulumiState, stack);
  }

  async outputs(stack: string): Promise<AllOutputs | undefined> {
    const options = { stack, env: this.lab.env, cwd: PROJECT_ROOT };
    return readOutputs(options).catch(() => undefined);
  }

  private prepare(stack: string, { note, log, say, signal }: Attempt): Promise<string[]> {
    say("preparing");
    return prepareStack(this.lab, { stack, signal, notify: note, output: log });
  }
}
