import execa from "execa";

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

export interface CommandResult {
  /** 0 is success; 127 where the command could not be started or was ended by a signal or the time limit. */
  readonly exitCode: number;
  readonly stdout: string;
  /** Standard output and standard error, in order. */
  readonly output: string;
}

/** Runs a command to its end without a terminal; a failure is a result, only an abort is an exception. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutSeconds, signal }: CommandOptions,
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const options = { all: true, cwd, env, reject: false, stdin: "ignore" } as const;
  const child = execa(command, args, options);
  const abort = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", abort);
  // execa's own time limit outlives a command that can't be started.
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    abort();
  }, timeoutSeconds * 1000);
  try {
    const { exitCode, stdout, all } = await child;
    signal?.throwIfAborted();
    return {
      exitCode: exitCode ?? 127,
      stdout: stdout ?? "",
      output: `${all ?? ""}${timedOut ? `\nended after ${timeoutSeconds} s` : ""}`,
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** The last lines of a command's output, for an error message. */
export function tail(output: string, lines = 15): string {
  return output.trimEnd().split("\n").slice(-lines).join("\n");
}
