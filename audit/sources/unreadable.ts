import type { Notify } from "../../common/notify";
import { UserError } from "../../common/user-error";
import { terminalText } from "../output/terminal-text";

/** A file or folder that can't be read, or not to its end; plain data, for messages between threads. */
export interface FileProblem {
  readonly file: string;
  readonly reason: string;
}

/** The error of one file: the others may still be read. */
export class UnreadableFile extends UserError implements FileProblem {
  constructor(
    readonly file: string,
    readonly reason: string,
  ) {
    super(`${terminalText(file)}: ${terminalText(reason)}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it doesn't exist, or is a link to a file that doesn't exist",
  ELOOP: "it is a link that leads back to itself",
  EACCES: "you may not read it; run as a user who may read it, or copy it",
  EPERM: "you may not read it; run as a user who may read it, or copy it",
  EIO: "its disk or mount reports an error",
  ENOTCONN: "its mount isn't connected",
  ENXIO: "it is a socket or a device, not a file",
  Z_BUF_ERROR: "its compression is cut off; what came before was read. Download it again",
  Z_DATA_ERROR: "its compression is damaged; what came before was read. Download it again",
};

/** The error with the name of its file; an error of the program as it is. */
export function unreadable(error: unknown, file: string): unknown {
  const code = errorCode(error);
  if (error instanceof UserError || code === undefined) return error;
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return new UnreadableFile(file, `${reason} (${code})`);
}

/** The code of an error of the system or of a compression: `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === "string" && /^[EZ]/.test(code) && !code.startsWith("ERR_")
    ? code
    : undefined;
}

/** Passes on what can be read of a file; that it can't be read to its end doesn't end the reading of others. */
export async function* untilUnreadable<T>(
  chunks: AsyncIterable<T>,
  files: UnreadableFiles,
): AsyncIterable<T> {
  try {
    yield* chunks;
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    files.add(error);
  }
}

/** The files of a trail that couldn't be read: each is named when it is found, and counted once. */
export class UnreadableFiles {
  private readonly names = new Set<string>();

  constructor(private readonly notify: Notify) {}

  get count(): number {
    return this.names.size;
  }

  add({ file, reason }: FileProblem): void {
    if (this.names.has(file)) return;
    this.names.add(file);
    this.notify(`${terminalText(file)}: ${terminalText(reason)}`);
  }
}
