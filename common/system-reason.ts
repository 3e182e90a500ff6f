import * as util from "node:util";

/** The reason of a failed system call for people, with its code: `no space left on device (ENOSPC)`. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errno, code, message } = error as NodeJS.ErrnoException;
  if (errno === undefined || code === undefined) return message;
  const [, meaning = message] = util.getSystemErrorMap().get(errno) ?? [];
  return `${meaning} (${code})`;
}
