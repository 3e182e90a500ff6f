import * as fs from "node:fs";
import {
  type EngineEvent,
  LocalWorkspace,
  type PulumiCommand,
  Stack,
  type StackSummary,
} from "@pulumi/pulumi/automation";
import { PROJECT_ROOT } from "../../local/paths";
import { type AllOutputs, checkedOutputs } from "../access/stack-outputs";
import { type PlannedStack } from "./plan";
import { type Attempt } from "./run";
import { type Template } from "./template";

/** The stacks of one cloud, as a workshop works on them. */
export interface Stacks {
  /** The names of all stacks that there are. */
  names(): Promise<string[]>;
  summaries(): Promise<StackSummary[]>;
  /** Creates the stack where it is missing, settles what was interrupted, and updates it. */
  up(planned: PlannedStack, template: Template, attempt: Attempt): Promise<AllOutputs>;
  /** Destroys what the stack has created, and removes it. */
  destroy(stack: string, attempt: Attempt): Promise<void>;
  /** Undefined for a stack that isn't up. */
  outputs(stack: string): Promise<AllOutputs | undefined>;
}

/** How the engine is run. */
export interface EngineAccess {
  readonly command: PulumiCommand;
  readonly env: NodeJS.ProcessEnv;
}

/** A workspace of the project. What isn't in the given environment isn't in the engine's either. */
export function openWorkspace({ command, env }: EngineAccess): Promise<LocalWorkspace> {
  // The Automation API adds its variables to those of this process; undefined removes one.
  const others = Object.keys(process.env).filter((name) => env[name] === undefined);
  const removed = Object.fromEntries(others.map((name) => [name, undefined]));
  const envVars = { ...env, ...removed } as Record<string, string>;
  return LocalWorkspace.create({ workDir: PROJECT_ROOT, pulumiCommand: command, envVars });
}

/** A stack that exists. Unlike the Automation API's own way, plain `pulumi` goes on with the stack that the person has selected. */
async function openStack(access: EngineAccess, name: string): Promise<Stack> {
  const workspace = await openWorkspace(access);
  workspace.selectStack = async () => undefined;
  return Stack.select(name, workspace);
}

/** For a log file, with what the engine reports. */
const reporting = ({ progress, log }: Attempt) => {
  const write = (text: string) => void fs.writeSync(log, text);
  return {
    color: "never",
    onOutput: write,
    onError: write,
    onEvent: (event: EngineEvent) => progress.take(event),
  } as const;
};

/** @param replacements URNs of resources to replace */
export async function updateStack(
  access: EngineAccess,
  name: string,
  attempt: Attempt,
  replacements: readonly string[] = [],
): Promise<AllOutputs> {
  const stack = await openStack(access, name);
  attempt.say("updating");
  const { outputs } = await stack.up({
    // What was deleted outside Pulumi is created again.
    refresh: true,
    replace: [...replacements],
    policyPacks: ["policy"],
    ...reporting(attempt),
  });
  const plain = Object.entries(outputs).map(([key, { value }]) => [key, value as unknown]);
  return checkedOutputs(Object.fromEntries(plain) as Record<string, unknown>, { stack: name });
}

/** Destroys what the stack has created, and removes the stack with its file. */
export async function destroyStack(
  access: EngineAccess,
  name: string,
  attempt: Attempt,
): Promise<void> {
  const stack = await openStack(access, name);
  attempt.say("destroying");
  await stack.destroy({ remove: true, ...reporting(attempt) });
}
