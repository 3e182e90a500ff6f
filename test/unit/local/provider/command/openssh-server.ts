import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readFileIfExists } from "../../../../../common/files";
import { pollUntil } from "../../../../../common/poll";
import { choosePort, isPortFree } from "../../../../../common/ports";
import { ensureDebianPackages } from "../../../../../local/setup/system-packages";
import type { SshTarget } from "../../../../../local/provider/command/ssh/connection";

const SSHD = "/usr/sbin/sshd";

/** Where systemd runs, Debian's package starts a server for the whole network: it isn't installed there. */
const isInstallable = process.getuid?.() === 0 && !fs.existsSync("/run/systemd/system");

/** Why the tests with a real server are skipped; undefined where they can run. */
export const missingSshd =
  fs.existsSync(SSHD) || isInstallable
    ? undefined
    : `${SSHD} is missing (Debian: apt-get install openssh-server)`;

/** An unmodified OpenSSH server for the current user on a free loopback port, with keys and settings in a new folder. */
export class OpenSshServer {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "sshd-"));
  private process: ChildProcess | undefined;
  private target: SshTarget | undefined;

  async start(): Promise<void> {
    if (isInstallable) await ensureDebianPackages(["openssh-server"], console.log);
    const port = this.target?.port ?? (await choosePort(0));
    if (this.target === undefined) this.configure(port);
    // As root, sshd needs this folder, which its systemd service creates.
    if (process.getuid?.() === 0) fs.mkdirSync("/run/sshd", { recursive: true });
    this.process = spawn(SSHD, ["-D", "-e", "-f", path.join(this.folder, "sshd_config")], {
      stdio: "ignore",
    });
    await pollUntil(async () => !(await isPortFree(port)), {
      what: "sshd to listen",
      timeoutSeconds: 10,
    });
  }

  /** Ends the server and every session, as a reboot does. */
  async stop(): Promise<void> {
    const server = this.process;
    if (server?.pid === undefined || server.exitCode !== null) return;
    const ended = new Promise((resolve) => server.once("exit", resolve));
    const sessions = sessionsOf(server.pid);
    server.kill("SIGKILL");
    for (const session of sessions) kill(session);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** How to sign in, with the host key pinned. */
  get connection(): SshTarget {
    if (this.target === undefined) throw new Error("the server was not started");
    return this.target;
  }

  private configure(port: number): void {
    const key = this.makeKey("user");
    const host = this.makeKey("host");
    fs.writeFileSync(path.join(this.folder, "authorized_keys"), key.publicKey, { mode: 0o600 });
    const settings = [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${path.join(this.folder, "host")}`,
      `AuthorizedKeysFile ${path.join(this.folder, "authorized_keys")}`,
      `PidFile ${path.join(this.folder, "pid")}`,
      "PasswordAuthentication no",
      "StrictModes no",
      "UsePAM no",
      "AcceptEnv LANG",
      "Subsystem sftp internal-sftp",
    ];
    fs.writeFileSync(path.join(this.folder, "sshd_config"), `${settings.join("\n")}\n`);
    this.target = {
      host: "127.0.0.1",
      port,
      user: os.userInfo().username,
      privateKey: key.privateKey,
      hostKey: host.publicKey,
      dialErrorLimit: 2,
      perDialTimeout: 10,
    };
  }

  private makeKey(name: string): { privateKey: string; publicKey: string } {
    const file = path.join(this.folder, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
    return {
      privateKey: fs.readFileSync(file, "utf8"),
      publicKey: fs.readFileSync(`${file}.pub`, "utf8"),
    };
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** The processes that the server started, with those that they started. */
function sessionsOf(pid: number): number[] {
  const children = (readFileIfExists(`/proc/${pid}/task/${pid}/children`) ?? "")
    .split(" ")
    .filter(Boolean)
    .map(Number);
  return children.flatMap((child) => [...sessionsOf(child), child]);
}
