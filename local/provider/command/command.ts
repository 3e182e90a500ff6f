import { randomBytes } from "node:crypto";
import {
  diffInputs,
  secret,
  UNKNOWN,
  type Cancellable,
  type CheckFailure,
  type Inputs,
  type ResourceHandler,
  type ResourceRequest,
} from "../protocol";

/** The common inputs of both kinds of `Command`. */
export interface CommandInputs extends Inputs {
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly logging?: "stdout" | "stderr" | "stdoutAndStderr" | "none";
  readonly addPreviousOutputInEnv?: boolean;
}

/** One run of a command. */
export interface Run extends Pick<ResourceRequest, "log">, Pick<Cancellable, "signal"> {
  readonly inputs: CommandInputs;
  /** `PULUMI_COMMAND_STDOUT` and `PULUMI_COMMAND_STDERR` where they are to be set. */
  readonly previousOutput: Readonly<Record<string, string>>;
}

/** Both without the final line feed. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandKind {
  check(inputs: Inputs): CheckFailure[];
  run(command: string, run: Run): Promise<CommandOutput>;
}

/**
 * Runs `create` at creation, `update` (or `create` again) when an input changes, and `delete` at deletion. A change of
 * `triggers` replaces the resource. Source: provider/pkg/provider of pulumi/pulumi-command.
 */
export function commandHandler(kind: CommandKind): ResourceHandler {
  return {
    check: async ({ news }) => ({
      inputs: { addPreviousOutputInEnv: true, ...news },
      failures: kind.check(news),
    }),
    diff: async ({ oldInputs, news }) => ({
      changes: diffInputs(oldInputs, news, { replaceOn: ["triggers"] }),
    }),
    create: async ({ name, inputs, preview, secretInputs, ...request }) => {
      if (preview) return { id: "", outputs: unknownOutput(inputs) };
      const command = (inputs as CommandInputs).create;
      const output = await runIfAny(kind, command, { ...request, inputs, previousOutput: {} });
      return {
        id: `${name}${randomBytes(4).toString("hex")}`,
        outputs: { ...inputs, ...guard(output, secretInputs) },
      };
    },
    update: async ({ olds, news, preview, secretInputs, ...request }) => {
      if (preview) return unknownOutput(news);
      const { create, update } = news as CommandInputs;
      const run = { ...request, inputs: news, previousOutput: previousOutput(news, olds) };
      const output = await runIfAny(kind, update ?? create, run, outputOf(olds));
      return { ...news, ...guard(output, secretInputs) };
    },
    delete: async ({ state, ...request }) => {
      const run = { ...request, inputs: state, previousOutput: previousOutput(state, state) };
      await runIfAny(kind, (state as CommandInputs).delete, run);
    },
  };
}

async function runIfAny(
  kind: CommandKind,
  command: string | undefined,
  run: Run,
  otherwise: CommandOutput = { stdout: "", stderr: "" },
): Promise<CommandOutput> {
  return command === undefined || command === null ? otherwise : kind.run(command, run);
}

function outputOf({ stdout, stderr }: Inputs): CommandOutput {
  return { stdout: (stdout as string) ?? "", stderr: (stderr as string) ?? "" };
}

function previousOutput(inputs: CommandInputs, before: Inputs): Record<string, string> {
  if (inputs.addPreviousOutputInEnv === false) return {};
  const { stdout, stderr } = outputOf(before);
  return {
    ...(stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: stdout }),
    ...(stderr === "" ? {} : { PULUMI_COMMAND_STDERR: stderr }),
  };
}

/** A command with a secret input may print it. The connection is always secret and is never printed. */
function guard({ stdout, stderr }: CommandOutput, secretInputs: ReadonlySet<string>): Inputs {
  const guarded = [...secretInputs].some((name) => name !== "connection");
  return guarded ? { stdout: secret(stdout), stderr: secret(stderr) } : { stdout, stderr };
}

function unknownOutput(inputs: Inputs): Inputs {
  return { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN };
}
