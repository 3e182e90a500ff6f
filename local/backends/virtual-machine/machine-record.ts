import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { readFileIfExists, writeFile } from "../../../common/files";
import { readJsonFile } from "../../../common/json-file";
import { REPLACE_LAB } from "../../paths";

/** Who stopped a machine that stays stopped. */
const STOPPED = ["through the API", "by its guest, which shut itself down"] as const;
export type Stopped = (typeof STOPPED)[number];

/** What is known of a machine that has been provisioned. */
const RECORD = z.object({
  /** The key of the image that its disk is based on. */
  image: z.string(),
  /** The loopback address at which the host forwards to its sshd. */
  sshHost: z.ipv4(),
  stopped: z.enum(STOPPED).optional(),
  /** Local Azure ended it together with itself, or for a restart. */
  willStartAgain: z.literal(true).optional(),
});
export type MachineRecord = z.infer<typeof RECORD>;

/** The records of the machines, `machine.json` in their folders. */
export class MachineRecords {
  constructor(private readonly folder: string) {}

  /** Undefined where the machine hasn't been provisioned completely. @param key a machine's, here and below */
  read(key: string): MachineRecord | undefined {
    return readJsonFile(this.file(key), RECORD, {
      content: `the image and the address of the virtual machine ${key}`,
      remedy: REPLACE_LAB,
    });
  }

  write(key: string, record: MachineRecord): void {
    writeFile(this.file(key), JSON.stringify(record));
  }

  /** Changes a record; does nothing where there is none. */
  update(key: string, change: Partial<MachineRecord>): void {
    const record = this.read(key);
    if (record) this.write(key, { ...record, ...change });
  }

  private file(key: string): string {
    return path.join(this.folder, key, "machine.json");
  }
}

const START_LINE = "local Azure starts the machine";
/** Linux prints this last, at the highest level, so also with `quiet` (kernel/reboot.c, kernel_power_off). */
const POWER_DOWN = "reboot: Power down";

/** Separates the output of one start from that of the one before. */
export function beginConsole(file: string): void {
  fs.appendFileSync(file, `\n--- ${START_LINE} ---\n`, { mode: 0o600 });
}

/** Whether the guest's kernel turned the machine off after the last start; a machine that was killed doesn't say so. */
export function guestShutItselfDown(consoleFile: string): boolean {
  const text = readFileIfExists(consoleFile) ?? "";
  return text.lastIndexOf(POWER_DOWN) > text.lastIndexOf(START_LINE);
}
