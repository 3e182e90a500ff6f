import execa from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import { pollUntil } from "../../common/poll";
import { UserError } from "../../common/user-error";
import { INTERRUPTED } from "../lab/interruptible";
import { createSessionFolder } from "./session-folder";
import { type StackOutputs } from "./stack-outputs";
import { sshTrouble } from "./trouble";

const CONNECT_TIMEOUT_SECONDS = 60;
/** Of the attempt that explains why another one failed. */
const SECOND_ATTEMPT_SECONDS = 5;
const AGENT_TIMEOUT_SECONDS = 10;
/** OpenSSH's exit code for its own errors. */
const SSH_FAILED = 255;

/**
 * Runs under ssh-agent and waits for the end of standard input, which comes with the end of this process, however it
 * ends. Then the agent, and with it the key, and the session's folder are removed.
 */
const KEEPER = 'trap "" HUP INT TERM; cat >/dev/null; kill "$SSH_AGENT_PID"; rm -rf -- "$0"';

export interface RunOptions {
  /** Written to the command's standard input. */
  readonly input?: string;
  /** Milliseconds; the command is ended past it. @default none */
  readonly timeout?: number;
}

/**
 * SSH to the stack's VM with OpenSSH, pinned to the host key that the program generated. The private key is only in the
 * memory of an ssh-agent, which ends with this process. One connection is shared by all commands.
 */
export class VmSession {
  private constructor(
    private readonly outputs: StackOutputs,
    private readonly folder: string,
    private readonly agent: execa.ExecaChildProcess,
    /** For messages about the stack. */
    readonly stack: string,
  ) {}

  /** @throws UserError where OpenSSH isn't installed */
  static async open(outputs: StackOutputs, stack: string): Promise<VmSession> {
    const folder = createSessionFolder();
    const { vmAddress, sshPort, sshHostKey, sshPrivateKey } = outputs;
    const host = sshPort === 22 ? vmAddress : `[${vmAddress}]:${sshPort}`;
    fs.writeFileSync(path.join(folder, "known_hosts"), `${host} ${sshHostKey}\n`);
    const socket = path.join(folder, "agent");
    const agent = execa("ssh-agent", ["-a", socket, "sh", "-c", KEEPER, folder], {
      stdin: "pipe",
      stdout: "ignore",
      stderr: "inherit",
      reject: false,
      cleanup: false,
    });
    try {
      await pollUntil(
        () => {
          if (agent.exitCode !== null || agent.pid === undefined) throw new Error("no agent");
          return fs.existsSync(socket);
        },
        { what: "ssh-agent to start", timeoutSeconds: AGENT_TIMEOUT_SECONDS },
      );
    } catch {
      fs.rmSync(folder, { recursive: true, force: true });
      throw new UserError(
        "ssh-agent could not be started. Install OpenSSH's client (Debian and Ubuntu: apt-get install openssh-client; RHEL: dnf install openssh-clients).",
      );
    }
    const session = new VmSession(outputs, folder, agent, stack);
    try {
      const env = { SSH_AUTH_SOCK: socket };
      await execa("ssh-add", ["-q", "-"], { env, input: `${sshPrivateKey.trimEnd()}\n` });
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  }

  /**
   * Runs a command and returns its standard output.
   * @throws UserError where the VM can't be reached or entered
   */
  async run(command: string, { input, timeout }: RunOptions = {}): Promise<string> {
    const args = [...this.options(), "--", this.outputs.vmAddress, command];
    const { stdout, stderr, exitCode, signal, timedOut } = await execa("ssh", args, {
      reject: false,
      timeout,
      ...(input === undefined ? { stdin: "ignore" } : { input }),
    });
    if (timedOut)
      throw new Error(`the command on the VM didn't end within ${(timeout ?? 0) / 1000} s`);
    const trouble = exitCode === SSH_FAILED && sshTrouble(stderr, this.outputs, this.stack);
    if (trouble) throw new UserError(trouble);
    if (exitCode !== 0) {
      throw new Error(stderr.trim() || `the command ended with ${exitCode ?? signal}`);
    }
    return stdout;
  }

  /**
   * Hands the terminal to a command, or to a shell where there is none; returns its exit code. It has a connection of
   * its own: a shared one would outlive the command and hold the terminal's output open.
   */
  async interact(command?: string): Promise<number> {
    const terminal = process.stdin.isTTY ? ["-t"] : [];
    const words = [this.outputs.vmAddress, ...(command === undefined ? [] : [command])];
    const args = [...terminal, "-o", "ControlPath=none", ...this.options(), "--", ...words];
    // The terminal sends Ctrl-C to ssh too; this process goes on, to clean up.
    const ignore = () => undefined;
    process.on("SIGINT", ignore);
    try {
      const { exitCode } = await execa("ssh", args, { reject: false, stdio: "inherit" });
      if (exitCode === SSH_FAILED) await this.explain();
      return exitCode ?? INTERRUPTED;
    } finally {
      process.off("SIGINT", ignore);
    }
  }

  /** ssh has printed its message to the terminal; a second attempt says what it means, where it fails too. */
  private async explain(): Promise<void> {
    const timeout = ["-o", `ConnectTimeout=${SECOND_ATTEMPT_SECONDS}`];
    const args = [...timeout, ...this.options(), "--", this.outputs.vmAddress, "true"];
    const { stderr, exitCode } = await execa("ssh", args, { reject: false, stdin: "ignore" });
    const trouble =
      exitCode === SSH_FAILED ? sshTrouble(stderr, this.outputs, this.stack) : undefined;
    if (trouble !== undefined) console.error(trouble);
  }

  async close(): Promise<void> {
    const args = [...this.options(), "-O", "exit", "--", this.outputs.vmAddress];
    await execa("ssh", args, { reject: false, stdio: "ignore" });
    this.agent.stdin?.end();
    await this.agent;
    // The keeper has removed it, unless it was killed.
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private options(): string[] {
    const { sshPort, vmAdminUsername } = this.outputs;
    const at = (name: string) => path.join(this.folder, name);
    return [
      ...["-F", "none", "-p", String(sshPort), "-l", vmAdminUsername],
      ...["-o", `IdentityAgent=${at("agent")}`, "-o", "IdentityFile=none"],
      ...["-o", `UserKnownHostsFile=${at("known_hosts")}`, "-o", "StrictHostKeyChecking=yes"],
      ...["-o", `ConnectTimeout=${CONNECT_TIMEOUT_SECONDS}`, "-o", "LogLevel=ERROR"],
      ...["-o", "ControlMaster=auto", "-o", `ControlPath=${at("socket")}`],
      ...["-o", "ControlPersist=15"],
    ];
  }
}
