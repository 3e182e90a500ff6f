import execa from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import * as readline from "node:readline";
import { colorsOf } from "../../common/colors";
import { UserError } from "../../common/user-error";
import { labProcesses } from "../../local/azure/process-list";
import { LabPaths } from "../../local/paths";
import { PART_NAMES, type PartName, processName } from "../lab/names";
import { withPartNews } from "../lab/part-news";

export interface LogsOptions {
  readonly follow: boolean;
  /** A count, as it was typed. */
  readonly lines: string;
}

/** `./lab logs [PART]`: the last lines of the parts' log files, each after its part's name. */
export async function logs(
  part: PartName | undefined,
  { follow, lines }: LogsOptions,
): Promise<void> {
  if (!/^\d{1,6}$/.test(lines)) {
    throw new UserError(`--lines is "${lines}"; it takes a whole number, such as 100.`);
  }
  const paths = new LabPaths();
  const files = (part ? [part] : PART_NAMES).flatMap((name) => logFiles(paths, name));
  if (files.length === 0) {
    throw new UserError(
      `There are no log files in ${paths.root}. Start the lab with \`./lab up\`.`,
    );
  }
  const { cyan } = colorsOf(process.stdout);
  const width = Math.max(...files.map(({ name }) => name.length));
  const show = async ({ name, file }: LogFile) => {
    const tail = execa("tail", ["-n", lines, ...(follow ? ["-F"] : []), "--", file], {
      stdin: "ignore",
      stderr: "ignore",
      reject: false,
      buffer: false,
    });
    if (!tail.stdout) return;
    for await (const line of readline.createInterface({ input: tail.stdout })) {
      process.stdout.write(`${cyan(name.padEnd(width))} ${line}\n`);
    }
  };
  // What is followed comes as it is written; otherwise one file after the other.
  if (follow) await withPartNews(paths, () => Promise.all(files.map(show)));
  else for (const file of files) await show(file);
}

interface LogFile {
  /** `vm`, or `vm pg-audit-vm in group` where there are several. */
  readonly name: string;
  readonly file: string;
}

function logFiles(paths: LabPaths, part: PartName): LogFile[] {
  const processes = labProcesses(paths).filter(({ name }) => name === processName(part));
  const files = processes.flatMap(({ logFile, instance, label = instance }) =>
    [logFile, ...serverLog(path.join(path.dirname(logFile), "log"))].map((file) => ({
      name: processes.length > 1 ? `${part} ${label}` : part,
      file,
    })),
  );
  return files.filter(({ file }) => fs.existsSync(file));
}

/** PostgreSQL's newest file of its logging collector. */
function serverLog(folder: string): string[] {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
  const newest = names.filter((name) => name.endsWith(".json")).at(-1);
  return newest === undefined ? [] : [path.join(folder, newest)];
}
