import * as path from "node:path";
import { kill } from "../../common/child-process";
import { parseJson } from "../../common/json";
import type { Notify } from "../../common/notify";
import { pollUntil } from "../../common/poll";
import {
  isRunning,
  listProcesses,
  processIdentity,
  type ProcessIdentity,
  type RunningProcess,
} from "../../common/processes";
import { backendUrl } from "../../local/engine/engine";
import { type LabPaths } from "../../local/paths";

/** A variable of every process that a command of `./lab` starts to run the engine: which process the command is. */
const MARK = "PG_AUDIT_LAB_COMMAND";

export const commandMark = (): Readonly<Record<string, string>> => ({
  [MARK]: JSON.stringify(processIdentity(process.pid)),
});

/** An engine that is interrupted lets its providers end their work, and writes the state. */
const ENGINE_SECONDS = 60;
/** Plugins end when the engine's end of their pipe closes. */
const PARTS_SECONDS = 5;

/** Plugins and their stand-ins, and the SDK's programs that run the Pulumi program and a policy pack. */
const PART =
  /pulumi-(language|resource)-|\/bundles\/(provider|language-host)|\/cmd\/run(-policy-pack)?(\/|$)/;

/**
 * Ends what a killed command of `./lab` or a killed engine left running, so that it changes nothing beside the next one: the
 * engine in order, then the plugins and the program that have no engine. An engine that somebody else runs is left alone.
 */
export async function endLeftovers(
  paths: Pick<LabPaths, "pulumiState">,
  notify: Notify,
): Promise<void> {
  const backend = backendUrl(paths);
  const engines = () => processesOfBackend(backend).filter(isEngine).filter(isAbandoned);
  for (const engine of engines()) {
    notify(
      `The engine of a killed command still runs (process ${engine.pid}): interrupting it, so that it writes its state.`,
    );
    await end(engine, "SIGINT", ENGINE_SECONDS);
  }
  await happens(() => parts(backend).length === 0, PARTS_SECONDS);
  const left = parts(backend);
  if (left.length === 0) return;
  notify(
    `Ending what a killed engine left running: ${left.map(({ pid, command }) => `${nameOf(command)} (process ${pid})`).join(", ")}.`,
  );
  await Promise.all(left.map((part) => end(part, "SIGTERM", PARTS_SECONDS)));
}

/** Pulumi's engine, its plugins and programs that work on this backend. @param backend its URL */
export const processesOfBackend = (backend: string): RunningProcess[] =>
  listProcesses().filter(({ environment }) => environment.get("PULUMI_BACKEND_URL") === backend);

const isEngine = ({ command: [program = ""] }: RunningProcess): boolean =>
  path.basename(program) === "pulumi";

/** Whether the command that started the process has ended. */
function isAbandoned({ environment }: RunningProcess): boolean {
  const command = parseJson(environment.get(MARK) ?? "") as ProcessIdentity | undefined;
  return command !== undefined && !isRunning(command);
}

/** The engine's processes that have no engine. */
function parts(backend: string): RunningProcess[] {
  const all = new Map(processesOfBackend(backend).map((each) => [each.pid, each]));
  const hasEngine = ({ parentPid }: RunningProcess): boolean => {
    const parent = all.get(parentPid);
    return parent !== undefined && (isEngine(parent) || hasEngine(parent));
  };
  const isPart = (each: RunningProcess): boolean =>
    isAbandoned(each) || PART.test(each.command.join(" "));
  return [...all.values()].filter((each) => !isEngine(each) && isPart(each) && !hasEngine(each));
}

const nameOf = (command: readonly string[]): string =>
  path.basename(command.find((word) => PART.test(word)) ?? command[0] ?? "", ".js");

/** Sends the signal; kills the process past the deadline. */
async function end(
  target: ProcessIdentity,
  signal: NodeJS.Signals,
  timeoutSeconds: number,
): Promise<void> {
  const ended = () => !isRunning(target);
  if (ended()) return;
  kill(target.pid, signal);
  if (await happens(ended, timeoutSeconds)) return;
  kill(target.pid, "SIGKILL");
  await pollUntil(ended, { what: `process ${target.pid} to end`, timeoutSeconds: PARTS_SECONDS });
}

/** Whether it becomes true in time. */
const happens = (probe: () => boolean, timeoutSeconds: number): Promise<boolean> =>
  pollUntil(probe, { what: "", timeoutSeconds }).catch(() => false);
