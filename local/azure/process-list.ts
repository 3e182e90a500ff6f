import * as fs from "node:fs";
import * as path from "node:path";
import { runningPid, stopProcess } from "../../common/child-process";
import { LOOPBACK } from "../../common/ports";
import { gatewayFiles } from "../backends/postgres/gateway/gateway-process";
import { ServerRecords } from "../backends/postgres/server-record";
import { endSurvivors } from "../backends/postgres/survivors";
import { azuriteFiles } from "../backends/storage-accounts";
import { machineKeys, machineLabel } from "../backends/virtual-machine/machine-key";
import { MachineRecords } from "../backends/virtual-machine/machine-record";
import { MACHINE_FILES } from "../image/machine";
import { type LabPaths } from "../paths";
import { type LabSettings, SSH_PORT } from "./settings";

/** Where a process listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A process of local Azure, identified by its pid file. */
export interface LabProcess {
  readonly name: "local Azure" | "PostgreSQL" | "PostgreSQL gateway" | "Azurite" | "VM";
  /** Identifies it among several with the name, as that of its supervised part: the server's name, the VM's key. */
  readonly instance?: string;
  /** How messages name the instance. @default instance */
  readonly label?: string;
  readonly pidFile: string;
  readonly logFile: string;
  /** Undefined for a server or VM that hasn't been created completely. @throws UserError if its record is damaged */
  address(settings: LabSettings): ListenAddress | undefined;
}

export const localAzurePidFile = (paths: LabPaths): string =>
  path.join(paths.run, "local-azure.pid");
export const localAzureLogFile = (paths: LabPaths): string =>
  path.join(paths.logs, "local-azure.log");

/** The process that serves the Resource Manager, and starts the others. */
export const localAzureProcess = (paths: LabPaths): LabProcess => ({
  name: "local Azure",
  pidFile: localAzurePidFile(paths),
  logFile: localAzureLogFile(paths),
  address: ({ ports }) => ({ host: LOOPBACK, port: ports.arm }),
});

/** Every process of this lab, running or not. */
export function labProcesses(paths: LabPaths): LabProcess[] {
  const servers = fs.existsSync(paths.postgres) ? fs.readdirSync(paths.postgres) : [];
  return [
    localAzureProcess(paths),
    {
      name: "Azurite",
      ...azuriteFiles(paths),
      address: ({ ports }) => ({ host: LOOPBACK, port: ports.blob }),
    },
    {
      name: "PostgreSQL gateway",
      ...gatewayFiles(paths),
      address: ({ ports }) => ({ host: LOOPBACK, port: ports.postgres }),
    },
    ...servers.map((name): LabProcess => ({
      name: "PostgreSQL",
      instance: name,
      pidFile: path.join(paths.postgres, name, "postgres.pid"),
      logFile: path.join(paths.postgres, name, "postgres.log"),
      address: ({ ports }) => {
        const host = new ServerRecords(paths.postgres).state(name)?.address;
        return host === undefined ? undefined : { host, port: ports.postgres };
      },
    })),
    ...machineKeys(paths.virtualMachines).map((key, _, all) => machineProcess(paths, key, all)),
  ];
}

function machineProcess(
  { virtualMachines }: LabPaths,
  key: string,
  all: readonly string[],
): LabProcess {
  return {
    name: "VM",
    instance: key,
    label: machineLabel(key, all),
    pidFile: path.join(virtualMachines, key, "qemu.pid"),
    logFile: path.join(virtualMachines, key, MACHINE_FILES.console),
    address: () => {
      const host = new MachineRecords(virtualMachines).read(key)?.sshHost;
      return host === undefined ? undefined : { host, port: SSH_PORT };
    },
  };
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
