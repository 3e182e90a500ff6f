import { type Notify } from "../../common/notify";
import { pollUntil } from "../../common/poll";
import { UserError } from "../../common/user-error";
import { type LabPaths } from "../paths";
import { callControl } from "./control-client";
import { answers } from "./health";
import { labProcesses } from "./process-list";
import { type LabSettings } from "./settings";
import { readReports } from "./supervision/journal";
import { fullName, type PartName, type PartReport } from "./supervision/part";

/** Longer than a boot of the VM, or a start of Azurite or PostgreSQL that reads its data first. */
const TIMEOUT_SECONDS = 600;

/** The parts with a process of their own, by the name of the route that restarts them. */
const ROUTES: Partial<Record<PartName, string>> = {
  Azurite: "azurite",
  PostgreSQL: "postgres",
  "PostgreSQL gateway": "gateway",
  VM: "vm",
};

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
      const line = `waiting for ${fullName(report)}, which ${describe(report)}`;
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
    throw new UserError(
      `${fullName(report)} doesn't work after ${TIMEOUT_SECONDS} s; it ${describe(report)}\n` +
        `See ${report.logFile}, then run \`./lab restart ${ROUTES[report.name] ?? "azure"}\`.`,
    );
  });
}

/**
 * A part that someone stopped isn't started by the way: on Azure, too, `pulumi up` starts no server and no VM.
 * @throws UserError that names it
 */
export function requireNoneStopped(paths: LabPaths): void {
  const stopped = readReports(paths).find(({ state }) => state === "stopped");
  if (!stopped) return;
  throw new UserError(
    `${fullName(stopped)} was stopped ${stopped.why}. Start it with \`./lab restart ${ROUTES[stopped.name]}\`.`,
  );
}

async function startAgain(
  paths: LabPaths,
  settings: LabSettings,
  report: PartReport,
  restarted: Set<string>,
): Promise<void> {
  const name = fullName(report);
  const route = ROUTES[report.name];
  if (route !== undefined && !restarted.has(name)) {
    restarted.add(name);
    await callControl(paths, settings, "POST", `restart/${route}`).catch(() => undefined);
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
  { name, instance, state }: PartReport,
): Promise<boolean> {
  if (state !== "ready") return state === "silent" && name === "log shipper";
  if (!(name in ROUTES)) return true;
  const part = labProcesses(paths).find(
    (process) => process.name === name && process.instance === instance,
  );
  return part !== undefined && answers(part, paths, settings);
}

/** The first line of the reason is enough while one waits. */
function describe({ name, state, why = "starts" }: PartReport): string {
  const text = state === "ready" ? "doesn't answer" : (why.split("\n")[0] ?? "");
  return name === "VM" && state !== "starting"
    ? `${text} (if it lasts: \`./lab restart vm\`)`
    : text;
}
