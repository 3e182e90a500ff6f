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
import {
  chooseAccelerator,
  type GuestEndpoints,
  machineArguments,
  MACHINE_FILES,
  type MachineOptions,
  type SshAddress,
} from "../../image/machine";
import { ProvisioningChannel } from "../../image/provisioning-channel";
import { QmpClient, restoreMachineState, resumeAfterFullDisk } from "../../image/qmp";
import { runOrThrow } from "../../../common/run-command";
import { consoleTail } from "../../image/saved-state";
import { sshAnswers } from "../probes";
import { beginConsole, guestShutItselfDown, MachineRecords, type Stopped } from "./machine-record";
import { type MetadataListener, MetadataSockets } from "./metadata-sockets";
import { provisioningProfile, type VirtualMachineSpec } from "./os-profile";
import { waitForSsh } from "./ssh-banner";

export type VirtualMachineState = "running" | "stopped" | "absent";

/** Under emulation: 7 s on two free cores. */
const PROVISION_TIMEOUT_SECONDS = 120;
/** Under emulation: 20 to 43 s on two free cores. */
const BOOT_TIMEOUT_SECONDS = 240;
/** Azure, too, gives a guest some time to shut down before it turns it off. */
const SHUTDOWN_TIMEOUT_SECONDS = 60;

/**
 * Virtual machines as QEMU processes, each with a folder below `.lab/azure/vm`: `disk.qcow2`, `machine.json`, `qemu.pid`,
 * the console and the control sockets.
 *
 * The processes continue when the process that started them ends; a later one finds them by their folders. Only one
 * machine runs at a time, because all use the same SSH address.
 */
export class VirtualMachineBackend {
  private readonly turns = new Turns();
  private readonly records: MachineRecords;
  private readonly ends = new Map<string, string>();
  private readonly metadata: MetadataSockets;

  constructor(
    private readonly paths: LabPaths,
    private readonly image: () => Promise<VmImage>,
    private readonly endpoints: GuestEndpoints,
    private readonly ssh: SshAddress,
    metadata: MetadataListener,
  ) {
    this.metadata = new MetadataSockets((name) => this.folder(name), metadata);
    this.records = new MachineRecords(paths.virtualMachines);
  }

  /**
   * Creates and provisions a machine; resolves when sshd answers with the host key and for the user keys of the profile.
   * Replaces whatever an interrupted `create` left under the name.
   *
   * @throws UserError if the profile is wrong or another machine runs; Error with the end of the console output if the
   * guest can't be provisioned in time
   */
  create(spec: VirtualMachineSpec): Promise<void> {
    return this.turns.take(() => this.createNow(spec));
  }

  private async createNow(spec: VirtualMachineSpec): Promise<void> {
    const profile = () => provisioningProfile(spec, randomUUID());
    profile();
    const image = await this.image();
    await this.deleteNow(spec.name);
    await this.requireFreeAddress();
    const folder = this.folder(spec.name);
    fs.mkdirSync(this.paths.virtualMachines, { recursive: true });
    fs.mkdirSync(folder, { mode: 0o700 });
    await runOrThrow(
      "qemu-img",
      ["create", "-q", "-f", "qcow2", "-F", "qcow2"].concat(
        ["-b", path.relative(folder, image.disk)],
        path.join(folder, "disk.qcow2"),
      ),
      { what: "Creating the virtual machine's disk", logFile: path.join(folder, "qemu.log") },
    );
    await this.spawn(spec.name, image, { kind: "copied-from", file: image.memory });
    await this.withConsole(spec.name, "can't be provisioned", async () => {
      await this.withQmp(spec.name, (qmp) => restoreMachineState(qmp, image.devices));
      await provision(folder, JSON.stringify(profile()));
      await this.waitForSsh(spec.name, PROVISION_TIMEOUT_SECONDS);
    });
    this.records.write(spec.name, { image: image.key });
  }

  /** Boots a stopped machine from its disk; resolves when sshd answers. Does nothing if it runs. */
  start(name: string): Promise<void> {
    return this.turns.take(() => this.boot(name));
  }

  /** Shuts the guest down, as its owner asks: it stays stopped. Ends the process if that takes too long. */
  powerOff(name: string): Promise<void> {
    return this.turns.take(async () => {
      await this.endProcess(name);
      this.records.update(name, { stopped: "through the API" });
    });
  }

  /** Shuts the guest down and boots it again; resolves when sshd answers. */
  restart(name: string): Promise<void> {
    return this.turns.take(async () => {
      // Checked first: a machine that couldn't be started again keeps running.
      this.requireImage(name, await this.image());
      await this.endProcess(name);
      await this.boot(name);
    });
  }

  /** Shuts the guest down with local Azure, which starts it again; ends the process if that takes too long. */
  async endProcess(name: string): Promise<void> {
    // Noted first: then the guest's shutdown isn't taken for its own wish, also where this process is killed meanwhile.
    this.records.update(name, { willStartAgain: true });
    const pidFile = this.pidFile(name);
    if (runningPid(pidFile) !== undefined) {
      await this.pressPowerButton(name).catch(() => undefined);
    }
    await stopProcess(pidFile);
  }

  /** Ends the machine and deletes its files. Does nothing if it doesn't exist. */
  async delete(name: string): Promise<void> {
    // The turn is taken first, so that nothing starts the machine meanwhile; a boot that is going on ends with the process.
    const deletion = this.turns.take(() => this.deleteNow(name));
    await Promise.all([deletion, stopProcess(this.pidFile(name))]);
  }

  private async deleteNow(name: string): Promise<void> {
    await stopProcess(this.pidFile(name));
    this.metadata.close(name);
    fs.rmSync(this.folder(name), { recursive: true, force: true });
  }

  /**
   * Deletes the stopped machines that can't be started any more, because their image was built again: for another
   * certificate authority, or from other files.
   * @returns their names
   */
  async deleteUnfit(): Promise<string[]> {
    const key = builtImageKey(this.paths);
    const unfit = this.names().filter(
      (name) => this.state(name) === "stopped" && this.records.read(name)?.image !== key,
    );
    for (const name of unfit) await this.delete(name);
    return unfit;
  }

  /** Serves the instance metadata of the machines that run already, started by an earlier process. */
  async serveMetadata(): Promise<void> {
    for (const name of this.names())
      if (this.state(name) === "running") await this.metadata.open(name);
  }

  private names(): string[] {
    const folder = this.paths.virtualMachines;
    return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  }

  /** Also `absent` after an interrupted `create` if nothing runs. */
  state(name: string): VirtualMachineState {
    if (this.pid(name) !== undefined) return "running";
    return this.records.read(name) === undefined ? "absent" : "stopped";
  }

  /** Who stopped the machine on purpose; undefined if it should run. */
  stoppedBy(name: string): Stopped | undefined {
    const record = this.records.read(name);
    const runs = this.state(name) === "running";
    if (!record || runs) return undefined;
    if (!record.stopped && !record.willStartAgain && guestShutItselfDown(this.consoleFile(name))) {
      this.records.update(name, { stopped: "by its guest, which shut itself down" });
    }
    return this.records.read(name)?.stopped;
  }

  /** Whether an operation on a machine is going on. */
  get isBusy(): boolean {
    return this.turns.isBusy;
  }

  /** Why the machine doesn't work, as far as it is known; undefined if sshd answers within 5 s. */
  async problem(name: string): Promise<string | undefined> {
    if (await sshAnswers(this.ssh)) return undefined;
    const isResumed = await this.withQmp(name, resumeAfterFullDisk).catch(() => false);
    return isResumed
      ? "was paused, because the disk of this host was full; it is resumed"
      : "doesn't answer: its sshd is silent";
  }

  /** How the machine's process ended last; undefined where another process started it. */
  howItEnded(name: string): string | undefined {
    return this.ends.get(name);
  }

  /** Output of the guest's kernel and services. */
  consoleFile(name: string): string {
    return path.join(this.folder(name), MACHINE_FILES.console);
  }

  /** Id of the machine's QEMU process; undefined if it doesn't run. */
  pid(name: string): number | undefined {
    return runningPid(this.pidFile(name));
  }

  private async boot(name: string): Promise<void> {
    if (this.state(name) === "running") return;
    const image = await this.image();
    this.requireImage(name, image);
    await this.requireFreeAddress();
    this.records.update(name, { stopped: undefined, willStartAgain: undefined });
    await this.spawn(name, image, { kind: "plain" });
    await this.withConsole(name, "doesn't boot", () => this.waitForSsh(name, BOOT_TIMEOUT_SECONDS));
  }

  private async spawn(
    name: string,
    image: VmImage,
    memory: MachineOptions["memory"],
  ): Promise<void> {
    await this.metadata.open(name);
    const folder = this.folder(name);
    const args = machineArguments(
      {
        kernel: image.kernel,
        initramfs: image.initramfs,
        disk: path.join(folder, "disk.qcow2"),
        memory,
        network: { ssh: this.ssh, endpoints: this.endpoints },
        incoming: memory.kind === "copied-from",
      },
      chooseAccelerator(),
    );
    beginConsole(this.consoleFile(name));
    this.ends.delete(name);
    spawnDetached("qemu-system-x86_64", args, {
      pidFile: this.pidFile(name),
      logFile: path.join(folder, "qemu.log"),
      cwd: folder,
      onEnd: (end) => this.ends.set(name, describeEnd(end)),
    });
  }

  private async requireFreeAddress(): Promise<void> {
    const { host = "127.0.0.1", port } = this.ssh;
    if (!(await isPortFree(port, host))) {
      throw new UserError(
        `The virtual machine's SSH address ${host}:${port} is in use. Local Azure runs one ` +
          "virtual machine at a time: delete or stop the other one, or end the process that listens there.",
      );
    }
  }

  private waitForSsh(name: string, timeoutSeconds: number): Promise<void> {
    return waitForSsh(this.ssh, timeoutSeconds, () => this.pid(name) !== undefined);
  }

  private async pressPowerButton(name: string): Promise<void> {
    await this.withQmp(name, (qmp) => qmp.execute("system_powerdown"));
    await pollUntil(() => this.pid(name) === undefined, {
      what: `${name} to shut down`,
      timeoutSeconds: SHUTDOWN_TIMEOUT_SECONDS,
    });
  }

  private async withQmp<T>(name: string, work: (qmp: QmpClient) => Promise<T>): Promise<T> {
    const qmp = await QmpClient.connect(this.folder(name), MACHINE_FILES.control);
    return work(qmp).finally(() => qmp.close());
  }

  /** A disk contains only the differences from its image, so it can't be used with another one. */
  private requireImage(name: string, image: VmImage): void {
    const record = this.records.read(name);
    if (record === undefined) {
      throw new UserError(
        `The virtual machine ${name} can't be started, because it doesn't exist.`,
      );
    }
    if (record.image !== image.key) {
      throw new UserError(
        `The virtual machine ${name} was created from an image that has been replaced since, for another certificate ` +
          "authority or from other files. Delete the machine and create it again; `./lab restart azure` and `./lab up` do that.",
      );
    }
  }

  private async withConsole(
    name: string,
    what: string,
    action: () => Promise<void>,
  ): Promise<void> {
    try {
      await action();
    } catch (error) {
      const folder = this.folder(name);
      const log = readFileIfExists(path.join(folder, "qemu.log"))?.trimEnd() ?? "";
      const reason = [(error as Error).message, log.split("\n").slice(-5).join("\n")];
      throw new Error(
        `The virtual machine ${name} ${what}: ${reason.join("\n")}\n${consoleTail(folder)}`,
        { cause: error },
      );
    }
  }

  private folder(name: string): string {
    return path.join(this.paths.virtualMachines, name);
  }

  private pidFile(name: string): string {
    return path.join(this.folder(name), "qemu.pid");
  }
}

/** Sends the profile to the guest and waits for the result of cloud-init. */
async function provision(folder: string, profile: string): Promise<void> {
  const channel = await ProvisioningChannel.connect(folder);
  try {
    channel.send(profile);
    const answer = await channel.receive("cloud-init", PROVISION_TIMEOUT_SECONDS);
    const { errors } = JSON.parse(answer) as { errors: readonly string[] };
    if (errors.length > 0) throw new Error(`cloud-init reports: ${errors.join("; ")}`);
  } finally {
    channel.close();
  }
}
