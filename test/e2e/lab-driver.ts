import execa, { type ExecaChildProcess } from "execa";
import { type TrailStatus } from "../../cli/access/trail-status";
import { type LabStatus } from "../../cli/lab/lab-status";
import { shellQuote } from "../../common/shell-quote";
import { PROJECT_ROOT } from "../../local/paths";
import { pollUntil } from "../../common/poll";
import { plainEnv } from "../support/plain-env";

export interface Result {
  readonly exitCode: number;
  /** Standard output and standard error, as a person sees them. */
  readonly all: string;
  readonly stdout: string;
}

const MINUTE = 60_000;
/** A shell's exit code for a command that was killed. */
const KILLED = 137;

/** Runs a command in the project's folder, as a person does. */
export async function run(command: string, timeout = 10 * MINUTE, input = ""): Promise<Result> {
  const { exitCode, signal, all, stdout } = await execa("bash", ["-c", command], {
    cwd: PROJECT_ROOT,
    env: plainEnv,
    extendEnv: false,
    reject: false,
    all: true,
    timeout,
    // An empty input would be a pipe, and an error where the command ends before it is closed.
    ...(input === "" ? { stdin: "ignore" } : { input }),
  });
  // A shell that a signal ended has no exit code.
  return { exitCode: exitCode ?? KILLED, all: `${all ?? ""}${signal ?? ""}`, stdout };
}

/** Runs it and fails with its whole output where it fails. */
export async function succeed(command: string, timeout?: number, input?: string): Promise<string> {
  const { exitCode, all, stdout } = await run(command, timeout, input);
  if (exitCode !== 0) throw new Error(`\`${command}\` ended with ${exitCode}:\n${all}`);
  return stdout;
}

/** Plain `pulumi` in a shell that has evaluated `lab env`. */
export const pulumi = (args: string): string =>
  `eval "$(./lab env)" && pulumi ${args} --stack local`;

/** A command line on the VM, for the VM's shell. */
export const onVm = (command: string, input?: string): Promise<string> =>
  succeed(`./lab ssh ${shellQuote(command)}`, 2 * MINUTE, input);

/** A statement by psql, bare output. */
export const sql = (statement: string): Promise<string> =>
  succeed(`./lab psql -XAtc ${shellQuote(statement)}`, 2 * MINUTE);

/** What `./lab status` reports. */
export const status = async (): Promise<LabStatus & { readonly trail?: TrailStatus }> =>
  JSON.parse(await succeed("./lab status --json")) as LabStatus;

/** What `./lab status` prints, as one line. */
export const statusText = async (): Promise<string> =>
  (await run("./lab status")).all.replaceAll(/\s+/g, " ");

export const statusTells = (cause: RegExp): Promise<unknown> =>
  pollUntil(async () => cause.test(await statusText()), {
    what: `./lab status to say ${String(cause)}`,
    timeoutSeconds: 120,
  });

/** An output of the lab's stack, as plain text. */
export const output = async (name: string): Promise<string> =>
  (await succeed(pulumi(`stack output ${name} --show-secrets`))).trim();

/** A command that goes on while the test does, in a process group of its own, with what it has printed so far. */
export class Background {
  private output = "";
  readonly child: ExecaChildProcess;

  private hasEnded = false;

  constructor(command: string) {
    this.child = execa("bash", ["-c", command], {
      cwd: PROJECT_ROOT,
      env: plainEnv,
      extendEnv: false,
      reject: false,
      all: true,
      detached: true,
      stdin: "ignore",
    });
    void this.child.once("exit", () => (this.hasEnded = true));
    this.child.all?.on("data", (data: Buffer) => (this.output += data.toString()));
  }

  get text(): string {
    return this.output;
  }

  async waitFor(pattern: RegExp, timeoutSeconds: number): Promise<string> {
    const seen = () => pattern.exec(this.output)?.[0];
    try {
      const text = await pollUntil(() => seen() ?? (this.hasEnded && ""), {
        what: String(pattern),
        timeoutSeconds,
      });
      if (text === "") throw new Error(`${pattern}: not before the command's end`);
      return text;
    } catch (error) {
      throw new Error(`${(error as Error).message}; the output is:\n${this.output}`);
    }
  }

  /** Like a key press in the terminal: every process of the group gets the signal. What doesn't end by it is killed. */
  async interrupt(timeoutSeconds = 120): Promise<number> {
    this.signal("SIGINT");
    const killer = setTimeout(() => this.signal("SIGKILL"), timeoutSeconds * 1000);
    try {
      const { exitCode } = await this.child;
      return exitCode ?? KILLED;
    } finally {
      clearTimeout(killer);
    }
  }

  /** What closing the terminal does. */
  hangUp(): void {
    this.signal("SIGHUP");
  }

  kill(): void {
    this.signal("SIGKILL");
  }

  private signal(signal: NodeJS.Signals): void {
    process.kill(-(this.child.pid ?? 0), signal);
  }
}
