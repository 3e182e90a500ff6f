import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { describeEnd, runningPid, spawnDetached, stopProcess } from "../../../common/child-process";
import { readFileIfExists } from "../../../common/files";
import { Turns } from "../../../common/turns";
import { type LabPaths } from "../../paths";
import { pollUntil } from "../../../common/poll";
import { isPortFree } from "../../../common/ports";
import { UserError } from "../../../common/user-error";
import { builtImageKey, type VmImage } from "../../image/vm-image";
import { machineKeys, machineLabel } from "./machine-key";
import {
  chooseAccelerator,
  type GuestEndpoints,
  machineArguments,
  MACHINE_FILES,
  type MachineOptions,
  type SshAddress,
} from "../../image/machine";
import {
  moveHostForward,
  QmpClient,
  restoreMachineState,
  resumeAfterFullDisk,
} from "../../image/qmp";
import { runOrThrow } from "../../../common/run-command";
import { consoleTail } from "../../image/saved-state";
import { sshAnswers } from "../probes";
import {
  beginConsole,
  guestShutItselfDown,
  type MachineRecord,
  MachineRecords,
  type Stopped,
} from "./machine-record";
import { type MetadataListener, MetadataSockets } from "./metadata-sockets";
import { provisioningProfile, type VirtualMachineSpec } from "./os-profile";
import { provision, PROVISION_TIMEOUT_SECONDS } from "./provision";
import { waitForSsh } from "./ssh-banner";

export type VirtualMachineState = "running" | "stopped" | "absent";

/** Under emulation: 20 to 43 s on two free cores. */
const BOOT_TIMEOUT_SECONDS = 240;
/** Azure, too, gives a guest some time to shut down before it turns it off. */
const SHUTDOWN_TIMEOUT_SECONDS = 60;

/**
 * Virtual machines as QEMU processes, each with a folder below `.lab/azure/vm`: `disk.qcow2`, `machine.json`, `qemu.pid`,
 * the console and the control sockets. Each has a key (machineKey) and a loopback address of its own.
 *
 * The processes continue when the process that started them ends; a later one finds them by their folders.
 */
export class VirtualMachineBackend {
  private readonly turns = new Map<string, Turns>();
  private readonly records: MachineRecords;
  private readonly ends = new Map<string, string>();
  private readonly metadata: MetadataSockets;

  constructor(
    private readonly paths: LabPaths,
    private readonly image: () => Promise<VmImage>,
    private readonly endpoints: GuestEndpoints,
    private readonly sshPort: number,
    metadata: MetadataListener,
  ) {
    this.metadata = new MetadataSockets((key) => this.folder(key), metadata);
    this.records = new MachineRecords(paths.virtualMachines);
  }

  /**
   * Creates and provisions a machine; resolves when sshd answers with the host key and for the user keys of the profile.
   * Replaces whatever an interrupted `create` left under the key.
   *
   * @param sshHost the loopback address for its sshd
   * @throws UserError if the profile is wrong or the address is in use; Error with the end of the console output if the
   * guest can't be provisioned in time
   */
  create(key: string, sshHost: string, spec: VirtualMachineSpec): Promise<void> {
    return this.inTurn(key, () => this.createNow(key, sshHost, spec));
  }

  private async createNow(key: string, sshHost: string, spec: VirtualMachineSpec): Promise<void> {
    const profile = () => provisioningProfile(spec, randomUUID());
    profile();
    const image = await this.image();
    await this.deleteNow(key);
    const ssh = this.sshAddress(sshHost);
    await this.requireFreeAddress(key, ssh);
    const folder = this.folder(key);
    fs.mkdirSync(path.dirname(folder), { recursive: true });
    fs.mkdirSync(folder, { mode: 0o700 });
    await runOrThrow(
      "qemu-img",
      ["create", "-q", "-f", "qcow2", "-F", "qcow2"].concat(
        ["-b", path.relative(folder, image.disk)],
        path.join(folder, "disk.qcow2"),
      ),
      { what: "Creating the virtual machine's disk", logFile: path.join(folder, "qemu.log") },
    );
    await this.spawn(key, image, ssh, { kind: "copied-from", file: image.memory });
    await this.withConsole(key, "can't be provisioned", async () => {
      await this.withQmp(key, (qmp) => restoreMachineState(qmp, image.devices));
      await provision(folder, JSON.stringify(profile()));
      await this.waitForSsh(key, ssh, PROVISION_TIMEOUT_SECONDS);
    });
    this.records.write(key, { image: image.key, sshHost });
  }

  /** Boots a stopped machine from its disk; resolves when sshd answers. Does nothing if it runs. */
  start(key: string): Promise<void> {
    return this.inTurn(key, () => this.boot(key));
  }

  /** Shuts the guest down, as its owner asks: it stays stopped. Ends the process if that takes too long. */
  powerOff(key: string): Promise<void> {
    return this.inTurn(key, async () => {
      await this.endProcess(key);
      this.records.update(key, { stopped: "through the API" });
    });
  }

  /** Shuts the guest down and boots it again; resolves when sshd answers. */
  restart(key: string): Promise<void> {
    return this.inTurn(key, async () => {
      // Checked first: a machine that couldn't be started again keeps running.
      this.requireImage(key, await this.image());
      await this.endProcess(key);
      await this.boot(key);
    });
  }

  /** Shuts the guest down with local Azure, which starts it again; ends the process if that takes too long. */
  async endProcess(key: string): Promise<void> {
    // Noted first: then the guest's shutdown isn't taken for its own wish, also where this process is killed meanwhile.
    this.records.update(key, { willStartAgain: true });
    const pidFile = this.pidFile(key);
    if (runningPid(pidFile) !== undefined) {
      await this.pressPowerButton(key).catch(() => undefined);
    }
    await stopProcess(pidFile);
  }

  /** Ends every machine with local Azure, at once: a guest may take a minute. One in creation can't shut down. */
  async close(): Promise<void> {
    const isComplete = (key: string) => this.records.read(key) !== undefined;
    const end = (key: string) =>
      isComplete(key) ? this.endProcess(key) : stopProcess(this.pidFile(key));
    await Promise.all(this.keys().map(end));
  }

  /** Ends the machine and deletes its files. Does nothing if it doesn't exist. */
  async delete(key: string): Promise<void> {
    // The turn is taken first, so that nothing starts the machine meanwhile; a boot that is going on ends with the process.
    const deletion = this.inTurn(key, () => this.deleteNow(key));
    await Promise.all([deletion, stopProcess(this.pidFile(key))]);
  }

  private async deleteNow(key: string): Promise<void> {
    await stopProcess(this.pidFile(key));
    this.metadata.close(key);
    const folder = this.folder(key);
    fs.rmSync(folder, { recursive: true, force: true });
    const group = path.dirname(folder);
    if (fs.existsSync(group) && fs.readdirSync(group).length === 0) fs.rmdirSync(group);
  }

  /**
   * Deletes the stopped machines that can't be started any more, because their image was built again: for another
   * certificate authority, or from other files.
   * @returns their keys
   */
  async deleteUnfit(): Promise<string[]> {
    const image = builtImageKey(this.paths);
    const unfit = this.keys().filter(
      (key) => this.state(key) === "stopped" && this.records.read(key)?.image !== image,
    );
    for (const key of unfit) await this.delete(key);
    return unfit;
  }

  /** Serves the instance metadata of the machines that run already, started by an earlier process. */
  async serveMetadata(): Promise<void> {
    for (const key of this.keys()) if (this.state(key) === "running") await this.metadata.open(key);
  }

  private keys(): string[] {
    return machineKeys(this.paths.virtualMachines);
  }

  /** The loopback addresses of the machines that have been provisioned. */
  sshHosts(): string[] {
    return this.keys().flatMap((key) => this.records.read(key)?.sshHost ?? []);
  }

  /**
   * Gives a machine another loopback address, also while it runs; connections to the one before continue. Does nothing if it
   * has the address, or doesn't exist.
   * @throws UserError if another program listens there
   */
  moveTo(key: string, sshHost: string): Promise<void> {
    return this.inTurn(key, async () => {
      const before = this.records.read(key)?.sshHost;
      if (before === undefined || before === sshHost) return;
      const address = this.sshAddress(sshHost);
      await this.requireFreeAddress(key, address);
      if (this.state(key) === "running") {
        const move = (qmp: QmpClient) => moveHostForward(qmp, this.sshAddress(before), address);
        await this.withQmp(key, move);
      }
      this.records.update(key, { sshHost });
    });
  }

  /** Also `absent` after an interrupted `create` if nothing runs. */
  state(key: string): VirtualMachineState {
    if (this.pid(key) !== undefined) return "running";
    return this.records.read(key) === undefined ? "absent" : "stopped";
  }

  /** Who stopped the machine on purpose; undefined if it should run. */
  stoppedBy(key: string): Stopped | undefined {
    const record = this.records.read(key);
    const runs = this.state(key) === "running";
    if (!record || runs) return undefined;
    if (!record.stopped && !record.willStartAgain && guestShutItselfDown(this.consoleFile(key))) {
      this.records.update(key, { stopped: "by its guest, which shut itself down" });
    }
    return this.records.read(key)?.stopped;
  }

  /** Whether an operation on the machine is going on. */
  isBusy(key: string): boolean {
    return this.turns.get(key)?.isBusy ?? false;
  }

  private inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turns = this.turns.get(key) ?? new Turns();
    this.turns.set(key, turns);
    return turns.take(work);
  }

  /** Why the machine doesn't work, as far as it is known; undefined if sshd answers within 5 s. */
  async problem(key: string): Promise<string | undefined> {
    const sshHost = this.records.read(key)?.sshHost;
    if (sshHost && (await sshAnswers(this.sshAddress(sshHost)))) return undefined;
    const isResumed = await this.withQmp(key, resumeAfterFullDisk).catch(() => false);
    return isResumed
      ? "was paused, because the disk of this host was full; it is resumed"
      : "doesn't answer: its sshd is silent";
  }

  /** How the machine's process ended last; undefined where another process started it. */
  howItEnded(key: string): string | undefined {
    return this.ends.get(key);
  }

  /** Output of the guest's kernel and services. */
  consoleFile(key: string): string {
    return path.join(this.folder(key), MACHINE_FILES.console);
  }

  /** Id of the machine's QEMU process; undefined if it doesn't run. */
  pid(key: string): number | undefined {
    return runningPid(this.pidFile(key));
  }

  private async boot(key: string): Promise<void> {
    if (this.state(key) === "running") return;
    const image = await this.image();
    this.requireImage(key, image);
    const ssh = this.requireAddress(key);
    await this.requireFreeAddress(key, ssh);
    this.records.update(key, { stopped: undefined, willStartAgain: undefined });
    await this.spawn(key, image, ssh, { kind: "plain" });
    await this.withConsole(key, "doesn't boot", () =>
      this.waitForSsh(key, ssh, BOOT_TIMEOUT_SECONDS),
    );
  }

  private async spawn(
    key: string,
    image: VmImage,
    ssh: SshAddress,
    memory: MachineOptions["memory"],
  ): Promise<void> {
    await this.metadata.open(key);
    const folder = this.folder(key);
    const args = machineArguments(
      {
        kernel: image.kernel,
        initramfs: image.initramfs,
        disk: path.join(folder, "disk.qcow2"),
        memory,
        network: { ssh, endpoints: this.endpoints },
        incoming: memory.kind === "copied-from",
      },
      chooseAccelerator(),
    );
    beginConsole(this.consoleFile(key));
    this.ends.delete(key);
    spawnDetached("qemu-system-x86_64", args, {
      pidFile: this.pidFile(key),
      logFile: path.join(folder, "qemu.log"),
      cwd: folder,
      onEnd: (end) => this.ends.set(key, describeEnd(end)),
    });
  }

  private async requireFreeAddress(key: string, { host, port }: SshAddress): Promise<void> {
    if (await isPortFree(port, host)) return;
    throw new UserError(
      `The SSH address ${host}:${port} of the virtual machine ${this.label(key)} is in use. \`ss -ltnp\` shows the ` +
        "program that listens there; end it, and try again.",
    );
  }

  private waitForSsh(key: string, ssh: SshAddress, timeoutSeconds: number): Promise<void> {
    return waitForSsh(ssh, timeoutSeconds, () => this.pid(key) !== undefined);
  }

  private sshAddress(host: string): SshAddress {
    return { host, port: this.sshPort };
  }

  private requireAddress(key: string): SshAddress {
    return this.sshAddress(this.requireRecord(key).sshHost);
  }

  private requireRecord(key: string): MachineRecord {
    const record = this.records.read(key);
    if (record) return record;
    throw new UserError(
      `The virtual machine ${this.label(key)} can't be started, because it doesn't exist.`,
    );
  }

  private async pressPowerButton(key: string): Promise<void> {
    await this.withQmp(key, (qmp) => qmp.execute("system_powerdown"));
    await pollUntil(() => this.pid(key) === undefined, {
      what: `${this.label(key)} to shut down`,
      timeoutSeconds: SHUTDOWN_TIMEOUT_SECONDS,
    });
  }

  private async withQmp<T>(key: string, work: (qmp: QmpClient) => Promise<T>): Promise<T> {
    const qmp = await QmpClient.connect(this.folder(key), MACHINE_FILES.control);
    return work(qmp).finally(() => qmp.close());
  }

  /** A disk contains only the differences from its image, so it can't be used with another one. */
  private requireImage(key: string, image: VmImage): void {
    if (this.requireRecord(key).image !== image.key) {
      throw new UserError(
        `The virtual machine ${this.label(key)} was created from an image that has been replaced since, for another certificate ` +
          "authority or from other files. Delete the machine and create it again; `./lab restart azure` and `./lab up` do that.",
      );
    }
  }

  private async withConsole(key: string, what: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      const folder = this.folder(key);
      const log = readFileIfExists(path.join(folder, "qemu.log"))?.trimEnd() ?? "";
      const reason = [(error as Error).message, log.split("\n").slice(-5).join("\n")];
      throw new Error(
        `The virtual machine ${this.label(key)} ${what}: ${reason.join("\n")}\n${consoleTail(folder)}`,
        { cause: error },
      );
    }
  }

  /** For messages. */
  private label(key: string): string {
    return machineLabel(key, this.keys());
  }

  private folder(key: string): string {
    return path.join(this.paths.virtualMachines, key);
  }

  private pidFile(key: string): string {
    return path.join(this.folder(key), "qemu.pid");
  }
}
