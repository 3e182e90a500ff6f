import * as fs from "node:fs";
import * as path from "node:path";
import { closeToOthers } from "../../common/files";
import { LabPaths, PROJECT_ROOT } from "../../local/paths";
import { passwordFileOf } from "../access/psql-words";
import { isWorkshopStack } from "../lab/names";

/** The stack's name without its organization's; Pulumi names the stack's file by it. */
const shortName = (stack: string): string => stack.split("/").at(-1) ?? stack;

/** Pulumi's file with a stack's configuration. */
export const stackFile = (stack: string, root = PROJECT_ROOT): string =>
  path.join(root, `Pulumi.${shortName(stack)}.yaml`);

/** What a workshop writes on this machine: all but the stacks' own files is in a folder that only its owner can enter. */
export class WorkshopFiles {
  readonly folder: string;
  /** Each attendee's commands and passwords. */
  readonly csv: string;

  /** @param base the stack with the workshop's configuration */
  constructor(
    private readonly base: string,
    private readonly root = PROJECT_ROOT,
  ) {
    this.folder = path.join(root, "workshop", shortName(base));
    this.csv = path.join(this.folder, "attendees.csv");
  }

  /** The engine's output. */
  readonly logOf = (stack: string): string => this.at(stack, "log");
  /** The private key of the VM's administrator, in OpenSSH's form. */
  readonly keyOf = (stack: string): string => this.at(stack, "key");

  private at(stack: string, extension: string): string {
    return path.join(this.folder, `${shortName(stack)}.${extension}`);
  }

  create(): void {
    closeToOthers(this.folder);
  }

  /** Removes the files of a stack that exists no more. */
  removeStack(stack: string): void {
    const files = [
      ...[stackFile(stack, this.root), this.logOf(stack), this.keyOf(stack)],
      passwordFileOf(new LabPaths(), stack),
    ];
    for (const file of files) fs.rmSync(file, { force: true });
  }

  /** Removes what is there of a workshop without stacks. */
  removeAll(): void {
    const own = /^Pulumi\.(.+)\.yaml$/;
    for (const name of fs.readdirSync(this.root)) {
      const stack = own.exec(name)?.[1];
      if (stack !== undefined && isWorkshopStack(stack, shortName(this.base))) {
        this.removeStack(stack);
      }
    }
    fs.rmSync(this.folder, { recursive: true, force: true });
    const parent = path.dirname(this.folder);
    if (fs.existsSync(parent) && fs.readdirSync(parent).length === 0) fs.rmdirSync(parent);
  }
}
