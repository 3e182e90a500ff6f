import * as fs from "node:fs";

/** Main memory of the VM in MiB. */
export const MEMORY_MB = 1536;

/** Ports of the host's loopback interface that the guest reaches by names of Azure. */
export interface GuestEndpoints {
  /** Behind `login.microsoftonline.com:443`. */
  readonly armPort: number;
  /** Behind `*.blob.core.windows.net:443`. */
  readonly blobPort: number;
  /** Behind `packages.microsoft.com:443`. */
  readonly packagesPort: number;
  /** Behind `*.postgres.database.azure.com:5432`. */
  readonly postgresPort: number;
}

/** Where the host forwards to the guest's sshd. */
export interface SshAddress {
  /** A loopback address. */
  readonly host: string;
  readonly port: number;
}

export interface MachineOptions {
  readonly kernel: string;
  readonly initramfs: string;
  /** The qcow2 file that the machine writes to. */
  readonly disk: string;
  /**
   * The main memory: `plain` for a cold boot; `saved-to` a file, for the machine whose state is saved;
   * `copied-from` that file, copy-on-write, for each VM that continues from the saved state.
   */
  readonly memory:
    | { readonly kind: "plain" }
    | { readonly kind: "saved-to" | "copied-from"; readonly file: string };
  /** @default no port is forwarded */
  readonly network?: { readonly ssh: SshAddress; readonly endpoints: GuestEndpoints };
  /** Whether QEMU starts empty and waits for a saved state. @default false */
  readonly incoming?: boolean;
}

/** Sockets and logs of a machine, in the working directory of its process. */
export const MACHINE_FILES = {
  /** QMP, QEMU's control protocol. */
  control: "qmp.sock",
  /** The guest's virtio serial port for its provisioning. */
  provisioning: "provisioning.sock",
  /** Output of the guest's kernel and services. */
  console: "console.log",
  /** Local Azure's instance metadata service, for this machine only. */
  metadata: "metadata.sock",
} as const;

/**
 * How QEMU runs the guest: with KVM where the CPU supports it and this user may open the device, else by translation
 * (TCG). A /dev/kvm without the CPU's flags can hang, so the flags are checked too.
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
  { address: "10.0.2.104:443", endpoint: "armPort" },
] as const;

/** To it the guest's local-azure-metadata.service forwards 169.254.169.254, which is outside QEMU's network. */
const METADATA_ADDRESS = "10.0.2.105:80";

/** RHEL 9 needs x86-64-v2. Under emulation, newer features (AVX in particular) are slow: a boot with `max` takes 25 % longer. */
const CPU_MODEL = { kvm: "host", tcg: "Westmere" } as const;

const KERNEL_COMMAND_LINE = [
  "root=/dev/vda rw console=ttyS0 quiet loglevel=4 systemd.show_status=false nomodeset",
  // Mitigations are slow under emulation and protect nothing here.
  "mitigations=off audit=0 apparmor=0",
  // The kernel would compare the TSC with clock sources that are slow under emulation.
  "tsc=reliable no_timer_check",
].join(" ");

/**
 * QEMU's arguments for the lab's machine. A saved state fits only a machine with the same devices, so all machines get
 * their devices here.
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

/** Identifies QEMU's forwarding of an address. */
export const hostForward = ({ host, port }: SshAddress): string => `tcp:${host}:${port}`;

/** With `restrict`, the guest reaches only the forwarded addresses. */
function networkBackend(network: MachineOptions["network"]): string {
  if (network === undefined) return "user,id=network,restrict=on";
  const { ssh, endpoints } = network;
  return [
    "user,id=network,restrict=on",
    `hostfwd=${hostForward(ssh)}-:22`,
    ...FORWARDED.map(
      ({ address, endpoint }) =>
        `guestfwd=tcp:${address}-cmd:socat - TCP4:127.0.0.1:${endpoints[endpoint]}`,
    ),
    `guestfwd=tcp:${METADATA_ADDRESS}-cmd:socat - UNIX-CONNECT:${MACHINE_FILES.metadata}`,
  ].join(",");
}

/** In QEMU's options a comma ends a value unless it is doubled. */
function escapeComma(value: string): string {
  return value.replaceAll(",", ",,");
}
