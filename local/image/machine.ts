import * as fs from "node:fs";

/** Main memory of the VM in MiB. */
export const MEMORY_MB = 1536;

/** Host ports on loopback behind the three names that the guest reaches. */
export interface GuestEndpoints {
  /** Behind `*.blob.core.windows.net:443`. */
  readonly blobPort: number;
  /** Behind `packages.microsoft.com:443`. */
  readonly packagesPort: number;
  /** Behind `*.postgres.database.azure.com:5432`. */
  readonly postgresPort: number;
}

/** Where sshd of the guest is reached on the host. */
export interface SshAddress {
  /** A loopback address. @default "127.0.0.1" */
  readonly host?: string;
  readonly port: number;
}

export interface MachineOptions {
  readonly kernel: string;
  readonly initramfs: string;
  /** The qcow2 file that the machine writes to. */
  readonly disk: string;
  /**
   * What holds the main memory: `plain` for a cold boot; `saved-to` a file, while the machine is
   * made whose state is saved; `copied-from` that file, copy on write, for each VM that goes on
   * from the saved state, so that nothing is read before it is used.
   */
  readonly memory:
    | { readonly kind: "plain" }
    | { readonly kind: "saved-to" | "copied-from"; readonly file: string };
  /** Undefined: a machine that nothing is forwarded to or from. */
  readonly network?: { readonly ssh: SshAddress; readonly endpoints: GuestEndpoints };
  /** Starts with no machine at all, waiting for a saved state. */
  readonly incoming?: boolean;
}

/** Sockets and logs of a machine, in the working folder of its process. */
export const MACHINE_FILES = {
  /** QMP, QEMU's control protocol. */
  control: "qmp.sock",
  /** The guest's virtio serial port for its provisioning. */
  provisioning: "provisioning.sock",
  /** What the guest's kernel and services print. */
  console: "console.log",
} as const;

/**
 * How QEMU runs the guest: by the CPU's own means where there are any and they may be used, else
 * by translation. A bare /dev/kvm without the CPU's flags can hang, so the flags decide.
 */
export function chooseAccelerator(
  cpuInfo = fs.readFileSync("/proc/cpuinfo", "utf8"),
  kvmDevice = "/dev/kvm",
): "kvm" | "tcg" {
  if (!/^flags\s*:.*\b(vmx|svm)\b/m.test(cpuInfo)) return "tcg";
  try {
    fs.accessSync(kvmDevice, fs.constants.R_OK | fs.constants.W_OK);
    return "kvm";
  } catch {
    return "tcg";
  }
}

/** The guest's addresses of Azure's names; guest/etc/dnsmasq.d/local-azure.conf has the names. */
const FORWARDED = [
  { address: "10.0.2.101:443", endpoint: "blobPort" },
  { address: "10.0.2.102:443", endpoint: "packagesPort" },
  { address: "10.0.2.103:5432", endpoint: "postgresPort" },
] as const;

/**
 * RHEL 9 asks for x86-64-v2 at least. Under emulation anything newer (AVX above all) costs time:
 * a boot takes a quarter more of it with `max`.
 */
const CPU_MODEL = { kvm: "host", tcg: "Westmere" } as const;

const KERNEL_COMMAND_LINE = [
  "root=/dev/vda rw console=ttyS0 quiet loglevel=4 systemd.show_status=false nomodeset",
  // What protects a machine from its neighbours costs a lot under emulation and guards nothing here.
  "mitigations=off audit=0 apparmor=0",
  // The clock sources that the kernel would compare the TSC with are slow to read under emulation.
  "tsc=reliable no_timer_check",
].join(" ");

/**
 * QEMU's arguments for the lab's machine. A saved state fits only a machine of the same devices,
 * so this is the one place that says what they are.
 */
export function machineArguments(
  { kernel, initramfs, disk, memory, network, incoming }: MachineOptions,
  accelerator: "kvm" | "tcg",
): string[] {
  return [
    ["-name", "local-azure", "-nodefaults", "-no-user-config", "-display", "none"],
    ["-machine", "pc-i440fx-7.2,memory-backend=memory,vmport=off,usb=off"],
    ["-accel", accelerator, "-cpu", CPU_MODEL[accelerator], "-smp", "2", "-m", `${MEMORY_MB}M`],
    ["-object", memoryObject(memory)],
    ["-kernel", kernel, "-initrd", initramfs, "-append", KERNEL_COMMAND_LINE],
    ["-drive", `if=none,id=disk,format=qcow2,cache=writeback,file=${escapeComma(disk)}`],
    ["-device", "virtio-blk-pci,drive=disk"],
    ["-netdev", networkBackend(network), "-device", "virtio-net-pci,netdev=network,romfile="],
    ["-device", "virtio-rng-pci"],
    ["-chardev", `file,id=console,path=${MACHINE_FILES.console},append=on`],
    ["-serial", "chardev:console"],
    ["-chardev", `socket,id=provisioning,path=${MACHINE_FILES.provisioning},server=on,wait=off`],
    ["-device", "virtio-serial-pci"],
    ["-device", "virtserialport,chardev=provisioning,name=local-azure.provision"],
    ["-rtc", "base=utc,clock=host"],
    ["-qmp", `unix:${MACHINE_FILES.control},server=on,wait=off`],
    incoming ? ["-incoming", "defer"] : [],
  ].flat();
}

function memoryObject(memory: MachineOptions["memory"]): string {
  const size = `id=memory,size=${MEMORY_MB}M`;
  if (memory.kind === "plain") return `memory-backend-ram,${size}`;
  const share = memory.kind === "saved-to" ? "on" : "off";
  return `memory-backend-file,${size},share=${share},mem-path=${escapeComma(memory.file)}`;
}

/** `restrict` keeps the guest from everything but what is forwarded here. */
function networkBackend(network: MachineOptions["network"]): string {
  if (network === undefined) return "user,id=network,restrict=on";
  const { ssh, endpoints } = network;
  return [
    "user,id=network,restrict=on",
    `hostfwd=tcp:${ssh.host ?? "127.0.0.1"}:${ssh.port}-:22`,
    ...FORWARDED.map(
      ({ address, endpoint }) =>
        `guestfwd=tcp:${address}-cmd:socat - TCP4:127.0.0.1:${endpoints[endpoint]}`,
    ),
  ].join(",");
}

/** QEMU reads a comma in a value as the value's end unless it stands twice. */
function escapeComma(value: string): string {
  return value.replaceAll(",", ",,");
}
