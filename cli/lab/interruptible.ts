import { UserError } from "../../common/user-error";

/** A shell's exit code for a command that Ctrl-C ended: 128 + SIGINT. */
export const INTERRUPTED = 130;

/**
 * Runs the work of a command that Ctrl-C ends in order. The terminal sends the signal to the engine and to other programs too; the
 * work waits for their ends, and begins nothing new once the signal is aborted. What fails after Ctrl-C fails because of it.
 * @param advice which command continues or undoes the work
 * @throws UserError with the advice, where it was interrupted before its end
 */
export async function interruptible<T>(
  advice: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupt = new AbortController();
  const abort = () => interrupt.abort(new UserError(`Interrupted. ${advice}`));
  process.on("SIGINT", abort);
  try {
    return await work(interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.exitCode = INTERRUPTED;
    throw interrupt.signal.reason;
  } finally {
    process.off("SIGINT", abort);
  }
}
