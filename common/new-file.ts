import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { systemReason } from "./system-reason";
import { UserError } from "./user-error";

export interface NewFileOptions {
  /** The option that names the file, for messages: `--html`. */
  readonly option: string;
  readonly file: string;
  /** Whether an existing file is replaced. @default false */
  readonly replace?: boolean;
  /** Nothing is written after it. */
  readonly signal?: AbortSignal;
}

/** System calls on folders that some file systems don't have. */
const UNSUPPORTED = ["EINVAL", "ENOTSUP", "EISDIR", "EPERM", "EACCES"];

/**
 * A file that appears whole or not at all, readable by its owner only. It is written under another name in the same
 * folder, synchronised with the disk, and then renamed; until then an older file stays as it is.
 */
export class NewFile {
  /** @throws UserError if the file exists and isn't to be replaced, or if its place doesn't allow a file */
  constructor(private readonly options: NewFileOptions) {
    this.checkPlace();
  }

  /**
   * @param write writes the content to the file with the given name, which exists and is empty
   * @throws UserError that names the file and the reason; nothing is left behind
   */
  async create(write: (part: string) => Promise<void>): Promise<void> {
    const { option, file, signal } = this.options;
    if (signal?.aborted) return;
    const target = realPath(file);
    const part = path.join(path.dirname(target), `.${randomBytes(8).toString("hex")}.part`);
    const remove = () => fs.rmSync(part, { force: true });
    let isReplaced = false;
    process.once("exit", remove);
    try {
      await fs.promises.writeFile(part, "", { mode: 0o600, flag: "wx" });
      await write(part);
      if (signal?.aborted) return;
      await synchronize(part, "r+");
      this.checkPlace();
      await fs.promises.rename(part, target);
      isReplaced = true;
      await synchronizeFolder(path.dirname(target));
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof UserError) throw error;
      const old = !isReplaced && fs.existsSync(file) ? " The existing file is unchanged." : "";
      throw new UserError(`${option}: ${file} can't be written: ${systemReason(error)}.${old}`);
    } finally {
      remove();
      process.off("exit", remove);
    }
  }

  private checkPlace(): void {
    const { option, file, replace = false } = this.options;
    const folder = path.dirname(realPath(file));
    if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      throw new UserError(`${option}: there is no folder ${folder}; create it first.`);
    }
    const existing = fs.lstatSync(realPath(file), { throwIfNoEntry: false });
    if (existing?.isDirectory()) {
      throw new UserError(`${option}: ${file} is a folder; give the name of a file.`);
    }
    if (existing && !existing.isFile()) {
      throw new UserError(`${option}: ${file} isn't a regular file; give another name.`);
    }
    if (existing && !replace) {
      throw new UserError(
        `${option}: ${file} exists; add --force to replace it, or give another name.`,
      );
    }
    try {
      fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
    } catch (error) {
      throw new UserError(`${option}: ${folder} can't be written: ${systemReason(error)}.`);
    }
  }
}

/** Where a symbolic link leads to, so that the link stays; a missing file is where its name says. */
function realPath(file: string): string {
  return fs.existsSync(file) ? fs.realpathSync(file) : file;
}

async function synchronize(file: string, flags: "r" | "r+"): Promise<void> {
  const handle = await fs.promises.open(file, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function synchronizeFolder(folder: string): Promise<void> {
  try {
    await synchronize(folder, "r");
  } catch (error) {
    if (!UNSUPPORTED.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
