import * as fs from "node:fs";
import { processFile } from "../../common/processes";
import { labProcesses, type LabProcess, pidOf } from "../../local/azure/process-list";
import { type LabPaths } from "../../local/paths";

/** What fails. `backend` is one process of PostgreSQL that serves a client; `disk` is that of the lab's folder. */
export const PART_NAMES = [
  ...(["azure", "azurite", "postgres", "backend", "vm", "mount", "sshd", "disk"] as const),
  ...(["engine", "program", "azure-native", "command", "random", "tls"] as const),
] as const;
export type PartName = (typeof PART_NAMES)[number];

const PROCESSES: Readonly<Partial<Record<PartName, LabProcess["name"]>>> = {
  azure: "local Azure",
  azurite: "Azurite",
  postgres: "PostgreSQL",
  vm: "VM",
};

/** By what the command line contains, among the descendants of `./lab up`. */
const COMMAND_LINES: Readonly<Partial<Record<PartName, RegExp>>> = {
  engine: /(^|\/)pulumi\0(up|destroy)\0/,
  program: /@pulumi\/pulumi\/cmd\/run/,
  "azure-native": /provider-azure-native|pulumi-resource-azure-native/,
  command: /provider-command|pulumi-resource-command/,
  random: /provider-random|pulumi-resource-random/,
  tls: /provider-tls|pulumi-resource-tls/,
};

/** The ids of the part's processes on this machine. @param root the process of `./lab up` or `./lab down` */
export function processesOf(part: PartName, paths: LabPaths, root?: number): number[] {
  const name = PROCESSES[part];
  if (name !== undefined) {
    return labProcesses(paths)
      .filter((process) => process.name === name)
      .flatMap((process) => pidOf(process) ?? []);
  }
  if (part === "backend") {
    const [postmaster] = processesOf("postgres", paths);
    if (postmaster === undefined) return [];
    const clients = descendants(postmaster).filter((pid) =>
      /^postgres: (?:[\w-]+: )?pgadmin /.test(commandLine(pid)),
    );
    return clients.slice(0, 1);
  }
  const pattern = COMMAND_LINES[part];
  if (pattern === undefined || root === undefined) return [];
  return descendants(root).filter((pid) => pattern.test(commandLine(pid)));
}

export const commandLine = (pid: number): string => processFile(pid, "cmdline") ?? "";

/** The processes below a process. */
export function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = parentOf(Number(entry));
    if (parent !== undefined) {
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    }
  }
  const below = (pid: number): number[] =>
    (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(root);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}
