import execa from "execa";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type StackOutputs } from "./stack-outputs";

const CONNECT_TIMEOUT_SECONDS = 60;
/** A shell's exit code for a command that Ctrl-C ended. */
const INTERRUPTED = 130;

export interface RunOptions {
  /** Given to the command's standard input. */
  readonly input?: string;
  /** Milliseconds; the command is ended past it. @default none */
  readonly timeout?: number;
}

/**
 * SSH to the stack's VM with OpenSSH, pinned to the host key that the program made.
 * Key and known hosts stand in a 700-mode folder until `close`; one connection is shared by all commands.
 */
export class VmSession {
  private readonly folder: string;

  constructor(private readonly outputs: StackOutputs) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "pg-audit-lab-"));
    const { vmAddress, sshPort, sshHostKey, sshPrivateKey } = outputs;
    const host = sshPort === 22 ? vmAddress : `[${vmAddress}]:${sshPort}`;
    fs.writeFileSync(this.at("key"), sshPrivateKey, { mode: 0o600 });
    fs.writeFileSync(this.at("known_hosts"), `${host} ${sshHostKey}\n`);
  }

  /** Runs a command and gives its standard output. */
  async run(command: string, { input, timeout }: RunOptions = {}): Promise<string> {
    const args = [...this.options(), "--", this.outputs.vmAddress, command];
    const { stdout, stderr, exitCode, timedOut } = await execa("ssh", args, {
      reject: false,
      timeout,
      ...(input === undefined ? { stdin: "ignore" } : { input }),
    });
    if (timedOut) throw new Error(`the VM didn't end the command in ${(timeout ?? 0) / 1000} s`);
    if (exitCode !== 0) throw new Error(stderr.trim() || `the command ended with ${exitCode}`);
    return stdout;
  }

  /**
   * Hands the terminal to a command, or to a shell where there is none; gives its exit code. It has a connection of
   * its own: a shared one would go on behind the command's end and hold the terminal's output open.
   */
  async interact(command?: string): Promise<number> {
    const terminal = process.stdin.isTTY ? ["-t"] : [];
    const words = [this.outputs.vmAddress, ...(command === undefined ? [] : [command])];
    const args = [...terminal, "-o", "ControlPath=none", ...this.options(), "--", ...words];
    // Ctrl-C is for ssh, which has it from the terminal too; this process stays to clean up.
    const ignore = () => undefined;
    process.on("SIGINT", ignore);
    try {
      const { exitCode } = await execa("ssh", args, { reject: false, stdio: "inherit" });
      return exitCode ?? INTERRUPTED;
    } finally {
      process.off("SIGINT", ignore);
    }
  }

  async close(): Promise<void> {
    const args = [...this.options(), "-O", "exit", "--", this.outputs.vmAddress];
    await execa("ssh", args, { reject: false, stdio: "ignore" });
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private at(name: string): string {
    return path.join(this.folder, name);
  }

  private options(): string[] {
    const { sshPort, vmAdminUsername } = this.outputs;
    return [
      ...["-F", "none", "-i", this.at("key"), "-p", String(sshPort), "-l", vmAdminUsername],
      ...["-o", `UserKnownHostsFile=${this.at("known_hosts")}`, "-o", "StrictHostKeyChecking=yes"],
      ...["-o", "IdentitiesOnly=yes", "-o", `ConnectTimeout=${CONNECT_TIMEOUT_SECONDS}`],
      ...["-o", "ControlMaster=auto", "-o", `ControlPath=${this.at("socket")}`],
      ...["-o", "ControlPersist=60", "-o", "LogLevel=ERROR"],
    ];
  }
}
