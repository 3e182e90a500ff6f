import * as os from "node:os";
import { readFileIfExists } from "../../common/files";
import { UserError } from "../../common/user-error";

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Text of /etc/os-release. */
  readonly osRelease?: string;
  /** `uname -r`. WSL's kernels have "microsoft" in it. */
  readonly kernelRelease: string;
}

/**
 * Checks that local Azure can run on a machine. Debian 12 on WSL is supported too.
 * @throws UserError that names the machine, what works there, and how to get the rest
 */
export function requireSupportedMachine(machine: Machine = thisMachine()): void {
  const { platform, arch, osRelease = "" } = machine;
  const isDebian12 =
    platform === "linux" &&
    field(osRelease, "ID") === "debian" &&
    field(osRelease, "VERSION_ID") === "12";
  if (isDebian12 && arch === "x64") return;
  // A container has the CPU of its host.
  const where = arch === "x64" ? "" : " on an x86-64 machine";
  throw new UserError(
    `The lab on this machine needs Debian 12 (bookworm) on x86-64. This machine is ${describe(machine)}.\n` +
      "These work here: a stack on Azure (`pulumi up --stack dev`, `./lab psql --stack dev`), and `./lab audit` for files.\n" +
      "For the lab itself, open this folder in its dev container (.devcontainer): GitHub Codespaces, or VS Code's " +
      `"Reopen in Container"${where}. Or use a Debian 12 machine or VM${where}.`,
  );
}

function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    osRelease: readFileIfExists("/etc/os-release"),
    kernelRelease: os.release(),
  };
}

/** `Ubuntu 24.04.1 LTS (WSL) on x86-64`. */
function describe({ platform, arch, osRelease = "", kernelRelease }: Machine): string {
  const systems: Partial<Record<NodeJS.Platform, string>> = { darwin: "macOS", win32: "Windows" };
  const linux = `${field(osRelease, "PRETTY_NAME") ?? "an unknown Linux"}${/microsoft/i.test(kernelRelease) ? " (WSL)" : ""}`;
  const system = platform === "linux" ? linux : (systems[platform] ?? platform);
  const cpu = { x64: "x86-64", arm64: "ARM64" }[arch] ?? arch;
  return `${system} on ${cpu}`;
}

/** A field of os-release(5), without its quotes. */
function field(osRelease: string, name: string): string | undefined {
  return new RegExp(`^${name}=(["']?)(.*)\\1$`, "m").exec(osRelease)?.[2];
}
