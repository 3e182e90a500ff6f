import { stackOptions, withSession } from "../access/stack";
import { findTroubles } from "../access/find-troubles";
import { foreignAuditSettings } from "../access/foreign-settings";
import { psqlWords } from "../access/psql-words";
import { remedy } from "../access/remedy";
import { readOutputs, type StackOutputs } from "../access/stack-outputs";
import { sasWarning } from "../access/sas-warning";
import { readTrailStatus, type TrailStatus } from "../access/trail-status";
import { eventName } from "../../local/azure/supervision/part";
import { hasResources, workshopStacks } from "../engine/file-backend";
import { LabPaths } from "../../local/paths";
import { isLocalStack, LOCAL_STACK } from "../lab/names";
import { type LabStatus, labStatus, type Part } from "../lab/lab-status";
import { plainTable } from "../lab/plain-table";

const WIDTH = 80;
const MOST_EVENTS = 8;

export interface StatusOptions {
  readonly stack: string;
  readonly json: boolean;
}

/** What the stack's VM says, and how to connect; or why it could not be asked. */
interface StackStatus {
  readonly trail?: TrailStatus;
  readonly connection?: readonly string[];
  /** Why the mount doesn't show the container, or why the server refuses the stack's administrator. */
  readonly troubles?: readonly string[];
  /** The end of the mount's signature, where it is near or past. */
  readonly sasWarning?: string;
  /** What others have set for roles and databases, and so isn't audited as configured. */
  readonly foreignSettings?: readonly string[];
  /** The stacks that local Azure has instead of this one. */
  readonly workshop?: readonly string[];
  readonly problem?: string;
}

/** `./lab status`. */
export async function status({ stack, json }: StatusOptions): Promise<void> {
  const isLocal = isLocalStack(stack);
  const lab = isLocal ? await labStatus() : undefined;
  if (lab && !json) printLab(lab);
  const asked = lab === undefined || lab.isUp ? await askStack(stack, lab) : {};
  if (json) console.log(JSON.stringify({ ...lab, stack, ...asked }, null, 2));
  else printStack(stack, asked);
  if (asked.problem !== undefined || asked.troubles?.length) process.exitCode = 1;
}

/** Whether the stack's VM works. The lab may have others. @param outputs undefined where the stack has none */
const isVmHealthy = ({ parts }: LabStatus, outputs?: Pick<StackOutputs, "vmAddress" | "sshPort">) =>
  parts.some(
    ({ name, state, endpoint }) =>
      name === "VM" &&
      state === "healthy" &&
      (outputs === undefined || endpoint === `${outputs.vmAddress}:${outputs.sshPort}`),
  );

/** A part that no list contains doesn't exist; one that is listed has a state of its own. */
function missingProblem({ parts }: LabStatus, stack: string): string | undefined {
  if (parts.some(({ name }) => name === "VM")) return undefined;
  return `There is no VM: it was deleted, or not created yet. ${remedy(stack, "deleted")} creates it.`;
}

/** The stacks of a workshop, where the lab's own stack isn't up. */
function stacksWithoutLocal(): string[] {
  const { pulumiState } = new LabPaths();
  return hasResources(pulumiState, LOCAL_STACK) ? [] : workshopStacks(pulumiState);
}

/** @param lab undefined for a stack on Azure */
async function askStack(stack: string, lab: LabStatus | undefined): Promise<StackStatus> {
  const workshop = lab && stack === LOCAL_STACK ? stacksWithoutLocal() : [];
  if (workshop.length > 0) return { workshop };
  try {
    const { server, vm } = await readOutputs(await stackOptions(stack));
    if (!vm) return { connection: await psqlWords(stack, server) };
    if (lab && !isVmHealthy(lab, vm)) return { problem: missingProblem(lab, stack) };
    return await withSession(stack, vm, async (session, outputs) => ({
      trail: await readTrailStatus(session, outputs),
      troubles: await findTroubles(session, outputs),
      foreignSettings: await foreignAuditSettings(session, outputs),
      connection: await psqlWords(stack, outputs),
      sasWarning: sasWarning(outputs, stack),
    }));
  } catch (error) {
    // Before the first complete `up`, the stack has no outputs.
    if (lab && !isVmHealthy(lab)) return { problem: missingProblem(lab, stack) };
    return { problem: (error as Error).message };
  }
}

function printLab(lab: LabStatus): void {
  if (lab.resourceManager === undefined) {
    console.log("No lab is set up here. Start one with `./lab up`.");
    return;
  }
  const processes = lab.parts.filter(({ state }) => state !== "installed");
  const ill = processes.filter(({ state }) => state !== "healthy");
  if (!lab.isUp) console.log("The lab is down; `./lab up` starts it.");
  else if (ill.length === 0) console.log("The lab is up and healthy.");
  else console.log(`The lab is up, but not healthy: ${ill.map(describe).join(", ")}.`);
  console.log(`\n${table(processes)}`);
  for (const part of processes) {
    if (part.state === "failed") console.log(`\n${nameOf(part)} ${part.why}`);
  }
  const standIns = lab.parts.filter(({ kind }) => kind === "stand-in");
  const names = standIns.map(({ name, version }) => [name, version].filter(Boolean).join(" "));
  if (names.length > 0)
    console.log(`\n${wrap(`Stand-ins: ${names.join(", ")}.`.split(" "), "  ")}`);
  // The table shows what is being started.
  const events = lab.events.filter(({ state }) => state !== "starting").slice(-MOST_EVENTS);
  if (events.length > 0) console.log("\nWhat happened last:");
  for (const event of events) console.log(wrap(eventWords(event), "  "));
}

/** The local time, which the person at the terminal has too. */
function eventWords(event: LabStatus["events"][number]): string[] {
  const { time, text } = event;
  const at = new Date(time);
  const two = (part: number) => String(part).padStart(2, "0");
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
  const day = at.toDateString() === new Date().toDateString() ? "" : `${time.slice(0, 10)} `;
  return `${day}${clock} ${eventName(event)} ${text.split("\n")[0]}`.split(" ");
}

const nameOf = ({ name, label }: Part): string => [name, label].filter(Boolean).join(" ");

function describe(part: Part): string {
  const { state } = part;
  const name = nameOf(part);
  if (state === "silent") return `${name} runs, but doesn't answer`;
  return state === "failed" ? `${name} can't be kept running` : `${name} is ${state}`;
}

function table(parts: readonly Part[]): string {
  return plainTable(
    ["part", "state", "kind", "pid", "address"],
    parts.map((part) => {
      const { state, kind, pid, endpoint } = part;
      return [nameOf(part), state, kind, pid ?? "", endpoint ?? ""];
    }),
  );
}

function printStack(stack: string, asked: StackStatus): void {
  const choice = stack === LOCAL_STACK ? "" : ` --stack ${stack}`;
  const { trail, connection, troubles = [], foreignSettings = [], sasWarning, problem } = asked;
  const [first] = asked.workshop ?? [];
  if (first !== undefined) {
    const text = `It has a workshop: ./lab workshop status. One of its stacks: ./lab status --stack ${first}`;
    console.log(`\n${wrap(text.split(" "), "  ")}`);
  }
  if (problem !== undefined) console.log(`\n${wrap(problem.split(" "), "  ")}`);
  for (const trouble of troubles) console.log(`\n${wrap(trouble.split(" "), "  ")}`);
  if (trail) {
    const { mountPath, mounted, uncachedMounted, newestRecord, cacheWarning } = trail;
    console.log(`\nMount:         ${mountPath} (${mounted ? "mounted" : "NOT mounted"})`);
    console.log(`Newest record: ${newestRecord === undefined ? "none yet" : age(newestRecord)}`);
    const warnings = [
      ...(uncachedMounted
        ? []
        : [
            "The mount that audit-tail reads is NOT mounted. On the VM: systemctl status 'blobfuse2-*'",
          ]),
      ...[cacheWarning, sasWarning].filter((warning) => warning !== undefined),
      ...foreignSettings,
    ];
    for (const warning of warnings) console.log(wrap(`Warning: ${warning}`.split(" "), "  "));
  }
  if (connection) {
    const words = ["psql", `"${connection[0]}`, ...connection.slice(1)];
    console.log(`\nSQL from this machine, with TLS verified:\n${wrap(words, "  ", " \\")}"`);
    console.log(
      trail
        ? `SQL on the VM: ./lab psql${choice}    Shell: ./lab ssh${choice}    Logs: ./lab logs`
        : `This stack has no VM.    The trail: ./lab audit${choice}    Logs: ./lab logs`,
    );
  }
}

function age(time: string): string {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
  const text =
    seconds < 120
      ? `${seconds} s`
      : seconds < 7200
        ? `${Math.round(seconds / 60)} min`
        : `${Math.round(seconds / 3600)} h`;
  return `${text} ago (${time})`;
}

/** Breaks words into lines of at most 80 columns; a longer word has a line of its own. */
function wrap(words: readonly string[], indent: string, lineEnd = ""): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of words) {
    const next = line === indent ? line + word : `${line} ${word}`;
    if (line !== indent && next.length + lineEnd.length > WIDTH) {
      lines.push(line + lineEnd);
      line = `${indent}${indent}${word}`;
    } else line = next;
  }
  return [...lines, line].join("\n");
}
