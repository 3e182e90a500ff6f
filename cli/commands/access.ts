import { interactivePsql } from "../access/psql";
import { shellQuote } from "../../common/shell-quote";
import { readStackOutputs, type StackOutputs } from "../access/stack-outputs";
import { VmSession } from "../access/vm-session";
import { PROJECT_ROOT } from "../../local/common/paths";
import { UserError } from "../../common/user-error";
import { ensureEngine } from "../../local/engine";
import { type AzureNativeKind } from "../../local/engine/azure-native";
import { labExports } from "../../local/environment";
import { findLab, requireRunningLab, STACK } from "./context";

/** `npm run lab:ssh -- [COMMAND ...]`. */
export function ssh(words: readonly string[]): Promise<void> {
  const command = words.length > 0 ? words.map(shellQuote).join(" ") : undefined;
  return withSession((session) => session.interact(command));
}

/** `npm run lab:psql -- [PSQL ARGUMENT ...]`. */
export function psql(words: readonly string[]): Promise<void> {
  return withSession((session, outputs) => interactivePsql(session, outputs, words));
}

export interface EnvOptions {
  /** The azure-native plugin that plain `pulumi` is to use. @default what LAB_AZURE_NATIVE names, else the stand-in */
  readonly azureNative?: AzureNativeKind;
}

/** `npm run -s lab:env`: lines for a shell's eval. */
export async function env({ azureNative }: EnvOptions): Promise<void> {
  const lab = await findLab();
  if (!lab) throw new UserError("No lab is set up here. Start one with `npm run lab`.");
  const { paths, settings } = lab;
  const engine = azureNative
    ? await ensureEngine(paths, console.error, undefined, azureNative)
    : lab.engine;
  console.log(labExports(paths, settings, engine));
}

async function withSession(
  work: (session: VmSession, outputs: StackOutputs) => Promise<number>,
): Promise<void> {
  const lab = await requireRunningLab();
  const outputs = await readStackOutputs({ stack: STACK, env: lab.env, cwd: PROJECT_ROOT });
  const session = new VmSession(outputs);
  try {
    process.exitCode = await work(session, outputs);
  } finally {
    await session.close();
  }
}
