import * as fs from "node:fs";
import * as path from "node:path";
import { runningPid, stopProcess } from "../../common/child-process";
import { ServerRecords } from "../backends/postgres/server-record";
import { endSurvivors } from "../backends/postgres/survivors";
import { type LabPaths } from "../paths";

/** A process of local Azure, identified by its pid file. */
export interface LabProcess {
  readonly name: "local Azure" | "PostgreSQL" | "PostgreSQL gateway" | "Azurite" | "VM";
  /** The server's or the VM's name. */
  readonly instance?: string;
  /** Its loopback address. @default 127.0.0.1, or that of the lab's VM */
  readonly host?: string;
  readonly pidFile: string;
  readonly logFile: string;
}

export const localAzurePidFile = (paths: LabPaths): string =>
  path.join(paths.run, "local-azure.pid");
export const localAzureLogFile = (paths: LabPaths): string =>
  path.join(paths.logs, "local-azure.log");

/** Every process of this lab, running or not. */
export function labProcesses(paths: LabPaths): LabProcess[] {
  const each = (folder: string) =>
    fs.existsSync(folder) ? fs.readdirSync(folder).map((name) => path.join(folder, name)) : [];
  return [
    {
      name: "local Azure",
      pidFile: localAzurePidFile(paths),
      logFile: localAzureLogFile(paths),
    },
    {
      name: "Azurite",
      pidFile: path.join(paths.run, "azurite.pid"),
      logFile: path.join(paths.logs, "azurite.log"),
    },
    {
      name: "PostgreSQL gateway",
      pidFile: path.join(paths.run, "postgres-gateway.pid"),
      logFile: path.join(paths.logs, "postgres-gateway.log"),
    },
    ...each(paths.postgres).map((folder) => ({
      name: "PostgreSQL" as const,
      instance: path.basename(folder),
      host: new ServerRecords(paths.postgres).state(path.basename(folder))?.address,
      pidFile: path.join(folder, "postgres.pid"),
      logFile: path.join(folder, "postgres.log"),
    })),
    ...each(paths.virtualMachines).map((folder) => ({
      name: "VM" as const,
      instance: path.basename(folder),
      pidFile: path.join(folder, "qemu.pid"),
      logFile: path.join(folder, "console.log"),
    })),
  ];
}

/** The process's id, or undefined where it isn't running. */
export const pidOf = ({ pidFile }: LabProcess): number | undefined => runningPid(pidFile);

/** Ends the processes that a killed local Azure left running. */
export async function stopAll(paths: LabPaths): Promise<void> {
  for (const { name, pidFile } of labProcesses(paths)) {
    if (name === "PostgreSQL") {
      await stopProcess(pidFile, { signal: "SIGINT" });
      await endSurvivors(path.join(path.dirname(pidFile), "data"));
    } else await stopProcess(pidFile);
  }
}
