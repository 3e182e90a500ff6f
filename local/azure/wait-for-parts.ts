import { type Notify } from "../../common/notify";
import { pollUntil } from "../../common/poll";
import { UserError } from "../../common/user-error";
import { type LabPaths } from "../paths";
import { callControl } from "./control-client";
import { answers } from "./health";
import { labProcesses } from "./process-list";
import { restartCommand, restartRoute, restartWord } from "./restart";
import { type LabSettings } from "./settings";
import { readReports } from "./supervision/journal";
import { fullName, type PartReport } from "./supervision/part";

/** Longer than a boot of the VM, or a start of Azurite or PostgreSQL that reads its data first. */
const TIMEOUT_SECONDS = 600;

/**
 * Waits until each part that should run works, as it answers itself. A part that the supervisor has given up is started
 * once more, because a person asks for it.
 * @throws UserError that names the part that doesn't work, with the end of its log
 */
export async function waitForParts(
  paths: LabPaths,
  settings: LabSettings,
  notify: Notify,
  signal?: AbortSignal,
): Promise<void> {
  const restarted = new Set<string>();
  const printed = new Set<string>();
  let pending: PartReport[] = [];
  const areReady = async () => {
    const reports = readReports(paths).filter(({ state }) => state !== "stopped");
    for (const report of reports.filter(({ state }) => state === "failed")) {
      await startAgain(paths, settings, report, restarted);
    }
    const works = await Promise.all(reports.map((report) => isReady(paths, settings, report)));
    pending = reports.filter((_, index) => !works[index]);
    for (const report of pending) {
      const line = `waiting for ${fullName(report)}, which ${describe(report, reports)}`;
      if (!printed.has(line)) notify(line);
      printed.add(line);
    }
    return reports.length > 0 && pending.length === 0;
  };
  await pollUntil(areReady, {
    what: "local Azure's parts to work",
    timeoutSeconds: TIMEOUT_SECONDS,
    intervalMilliseconds: 500,
    signal,
  }).catch((error: unknown) => {
    const [report] = pending;
    if (error instanceof UserError || signal?.aborted || !report) throw error;
    const reports = readReports(paths);
    throw new UserError(
      `${fullName(report)} doesn't work after ${TIMEOUT_SECONDS} s; it ${describe(report, reports)}\n` +
        `See ${report.logFile}, then run \`${restartCommand(report, reports)}\`.`,
    );
  });
}

/**
 * A part that someone stopped isn't started by the way: on Azure, too, `pulumi up` starts no server and no VM.
 * @param isNeeded whether a part belongs to what is brought up
 * @throws UserError that names it
 */
export function requireNoneStopped(
  paths: LabPaths,
  isNeeded: (report: PartReport) => boolean,
): void {
  const reports = readReports(paths);
  const stopped = reports.find((report) => report.state === "stopped" && isNeeded(report));
  if (!stopped) return;
  throw new UserError(
    `${fullName(stopped)} was stopped ${stopped.why}. Start it with \`${restartCommand(stopped, reports)}\`.`,
  );
}

async function startAgain(
  paths: LabPaths,
  settings: LabSettings,
  report: PartReport,
  restarted: Set<string>,
): Promise<void> {
  const name = fullName(report);
  const word = restartWord(report);
  if (word !== undefined && !restarted.has(name)) {
    restarted.add(name);
    const route = restartRoute(word, report.instance);
    await callControl(paths, settings, "POST", route).catch(() => undefined);
    return;
  }
  throw new UserError(
    `${name} ${report.why}\nFix that and run the command again; \`./lab down --force\` removes the lab as it is.`,
  );
}

/** The supervisor may not have noticed the end of a part yet, so the part itself is asked too. */
async function isReady(
  paths: LabPaths,
  settings: LabSettings,
  report: PartReport,
): Promise<boolean> {
  const { name, instance, state } = report;
  if (state !== "ready") return state === "silent" && name === "log shipper";
  if (restartWord(report) === undefined) return true;
  const part = labProcesses(paths).find(
    (process) => process.name === name && process.instance === instance,
  );
  return part !== undefined && answers(part, paths, settings);
}

/** The first line of the reason is enough while one waits. */
function describe(report: PartReport, reports: readonly PartReport[]): string {
  const { name, state, why = "starts" } = report;
  const text = state === "ready" ? "doesn't answer" : (why.split("\n")[0] ?? "");
  return name === "VM" && state !== "starting"
    ? `${text} (if it lasts: \`${restartCommand(report, reports)}\`)`
    : text;
}
