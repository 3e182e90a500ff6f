import * as fs from "node:fs";
import * as path from "node:path";
import { readFileIfExists } from "../../common/files";
import { PROJECT_ROOT, type LabPaths } from "../paths";
import { UserError } from "../../common/user-error";
import type { Engine } from "./engine";
import { runCommand, tail } from "../../common/run-command";

const TIMEOUT_SECONDS = 60;

/** Makes the stack in the lab's file backend, unless it is there, and selects it. Pulumi.<stack>.yaml stays as it is. */
export async function ensureStack(engine: Engine, paths: LabPaths, stack: string): Promise<void> {
  fs.mkdirSync(paths.pulumiState, { recursive: true, mode: 0o700 });
  fs.chmodSync(paths.pulumiState, 0o700);
  const verb = hasState(paths, stack) ? "select" : "init";
  const { exitCode, output } = await runCommand(
    engine.pulumi,
    ["stack", verb, stack, "--non-interactive", "--color", "never"],
    { cwd: PROJECT_ROOT, env: engine.environment, timeoutSeconds: TIMEOUT_SECONDS },
  );
  if (exitCode !== 0) {
    throw new UserError(`pulumi stack ${verb} ${stack} ended with ${exitCode}.\n${tail(output)}`);
  }
}

/** Whether the backend has the stack; a state that isn't whole is refused, since Pulumi would take the lab for gone. */
function hasState(paths: LabPaths, stack: string): boolean {
  const folder = path.join(paths.pulumiState, ".pulumi", "stacks", "pg-audit-lab");
  const file = path.join(folder, `${stack}.json`);
  const text = readFileIfExists(file);
  if (text === undefined) return false;
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    throw new UserError(
      `${file} is no valid state: ${(error as Error).message}. ` +
        `Put the last good one back with: cp '${file}.bak' '${file}'`,
    );
  }
}
