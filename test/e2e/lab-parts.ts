import { labProcesses, pidOf } from "../../local/azure/process-list";
import { LabPaths } from "../../local/paths";

/** The ids of the processes of these parts, by their files: asking the VM may take long under load. */
export const pidsOf = (...names: string[]): number[] =>
  labProcesses(new LabPaths())
    .filter(({ name }) => names.includes(name))
    .flatMap((part) => pidOf(part) ?? []);

export function kill(...names: string[]): void {
  for (const pid of pidsOf(...names)) process.kill(pid, "SIGKILL");
}
