import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { runningPid, spawnDetached, stopProcess } from "../../../common/child-process";
import { readFileIfExists, writeFile } from "../../../common/files";
import { type LabPaths } from "../../paths";
import { pollUntil } from "../../../common/poll";
import { isPortFree } from "../../../common/ports";
import { UserError } from "../../../common/user-error";
import { type VmImage } from "../../image/vm-image";
import {
  chooseAccelerator,
  type GuestEndpoints,
  machineArguments,
  MACHINE_FILES,
  type MachineOptions,
  type SshAddress,
} from "../../image/machine";
import { ProvisioningChannel } from "../../image/provisioning-channel";
import { QmpClient, restoreMachineState } from "../../image/qmp";
import { runOrThrow } from "../../../common/run-command";
import { consoleTail } from "../../image/saved-state";
import { provisioningProfile, type VirtualMachineSpec } from "./os-profile";
import { waitForSsh } from "./ssh-banner";

export type { GuestEndpoints, SshAddress } from "../../image/machine";
export type { VirtualMachineSpec } from "./os-profile";

export type VirtualMachineState = "running" | "stopped" | "absent";

/** Under emulation: 7 s on two free cores. */
const PROVISION_TIMEOUT_SECONDS = 120;
/** Under emulation: 20 to 43 s on two free cores. */
const BOOT_TIMEOUT_SECONDS = 240;
/** Azure too gives a guest some time to shut down, and then takes its power. */
const SHUTDOWN_TIMEOUT_SECONDS = 60;

/**
 * Virtual machines as QEMU processes, each in a folder of its own below `.lab/azure/vm`:
 * `disk.qcow2`, `machine.json`, `qemu.pid`, the console and the control sockets.
 *
 * The processes are detached: they outlive the process that started them, and any later one finds
 * them by their folder. Only one runs at a time, since all would use one SSH address.
 */
export class VirtualMachineBackend {
  constructor(
    private readonly paths: LabPaths,
    private readonly image: () => Promise<VmImage>,
    private readonly endpoints: GuestEndpoints,
    private readonly ssh: SshAddress,
  ) {}

  /**
   * Makes and provisions a machine; resolves when sshd answers with the host key and for the user
   * keys of the profile. Whatever a broken-off `create` left under the name is replaced.
   *
   * @throws UserError where the profile is wrong or another machine runs; Error with the end of the
   * console where the guest can't be provisioned in time.
   */
  async create(spec: VirtualMachineSpec): Promise<void> {
    const profile = () => provisioningProfile(spec, randomUUID());
    profile();
    const image = await this.image();
    await this.delete(spec.name);
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
      { what: "Making the virtual machine's disk", logFile: path.join(folder, "qemu.log") },
    );
    this.spawn(spec.name, image, { kind: "copied-from", file: image.memory });
    await this.explaining(spec.name, "can't be provisioned", async () => {
      const qmp = await QmpClient.connect(folder, MACHINE_FILES.control);
      await restoreMachineState(qmp, image.devices).finally(() => qmp.close());
      await provision(folder, JSON.stringify(profile()));
      await this.waitForSsh(spec.name, PROVISION_TIMEOUT_SECONDS);
    });
    writeFile(this.machineFile(spec.name), JSON.stringify({ image: image.key }));
  }

  /** Boots a stopped machine from its disk; resolves when sshd answers. Does nothing to a running one. */
  async start(name: string): Promise<void> {
    if (this.state(name) === "running") return;
    const image = await this.image();
    this.requireImage(name, image);
    await this.requireFreeAddress();
    this.spawn(name, image, { kind: "plain" });
    await this.explaining(name, "doesn't boot", () => this.waitForSsh(name, BOOT_TIMEOUT_SECONDS));
  }

  /** Has the guest shut down, and ends the process where it doesn't in time. */
  async powerOff(name: string): Promise<void> {
    const pidFile = this.pidFile(name);
    if (runningPid(pidFile) !== undefined) {
      await this.pressPowerButton(name).catch(() => undefined);
    }
    await stopProcess(pidFile);
  }

  /** Shuts the guest down and boots it again; resolves when sshd answers. */
  async restart(name: string): Promise<void> {
    // A machine that couldn't be started again keeps running.
    this.requireImage(name, await this.image());
    await this.powerOff(name);
    await this.start(name);
  }

  /** Ends the machine and removes all that it has. Does nothing where there is none. */
  async delete(name: string): Promise<void> {
    await stopProcess(this.pidFile(name));
    fs.rmSync(this.folder(name), { recursive: true, force: true });
  }

  /** `absent` too where a `create` was broken off and nothing runs. */
  state(name: string): VirtualMachineState {
    if (this.pid(name) !== undefined) return "running";
    return fs.existsSync(this.machineFile(name)) ? "stopped" : "absent";
  }

  /** Id of the machine's QEMU process while it runs. */
  pid(name: string): number | undefined {
    return runningPid(this.pidFile(name));
  }

  /** File with all that the guest's kernel and services printed since it was made. */
  consoleLog(name: string): string {
    return path.join(this.folder(name), MACHINE_FILES.console);
  }

  private spawn(name: string, image: VmImage, memory: MachineOptions["memory"]): void {
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
    spawnDetached("qemu-system-x86_64", args, {
      pidFile: this.pidFile(name),
      logFile: path.join(folder, "qemu.log"),
      cwd: folder,
    });
  }

  private async requireFreeAddress(): Promise<void> {
    const { host = "127.0.0.1", port } = this.ssh;
    if (!(await isPortFree(port, host))) {
      throw new UserError(
        `The virtual machine's SSH address ${host}:${port} is in use. Local Azure runs one ` +
          "virtual machine at a time: delete or stop the other one, or end what listens there.",
      );
    }
  }

  private waitForSsh(name: string, timeoutSeconds: number): Promise<void> {
    return waitForSsh(this.ssh, timeoutSeconds, () => this.pid(name) !== undefined);
  }

  private async pressPowerButton(name: string): Promise<void> {
    const qmp = await QmpClient.connect(this.folder(name), MACHINE_FILES.control);
    await qmp.execute("system_powerdown").finally(() => qmp.close());
    await pollUntil(() => this.pid(name) === undefined, {
      what: `${name} to shut down`,
      timeoutSeconds: SHUTDOWN_TIMEOUT_SECONDS,
    });
  }

  /** A disk goes with the image that it was made over; any other would be read as garbage. */
  private requireImage(name: string, image: VmImage): void {
    const record = readFileIfExists(this.machineFile(name));
    if (record === undefined) {
      throw new UserError(`There is no virtual machine ${name} to start.`);
    }
    if ((JSON.parse(record) as { image: string }).image !== image.key) {
      throw new UserError(
        `The virtual machine ${name} was made from an image that has been replaced since. ` +
          "Delete it and create it again.",
      );
    }
  }

  private async explaining(name: string, what: string, action: () => Promise<void>): Promise<void> {
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

  /** Stands as soon as the machine has been provisioned. */
  private machineFile(name: string): string {
    return path.join(this.folder(name), "machine.json");
  }
}

/** Hands the profile to the guest and waits for cloud-init's verdict. */
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
