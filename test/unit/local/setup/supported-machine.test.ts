import { UserError } from "../../../../common/user-error";
import { type Machine, requireSupportedMachine } from "../../../../local/setup/supported-machine";

const DEBIAN_12 = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION_CODENAME=bookworm
ID=debian
`;
const DEBIAN_13 = DEBIAN_12.replaceAll("12", "13").replaceAll("bookworm", "trixie");
const UBUNTU = 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n';
const ALPINE = "ID=alpine\nVERSION_ID=3.20.1\nPRETTY_NAME='Alpine Linux v3.20'\n";
const WSL = "5.15.153.1-microsoft-standard-WSL2";

const machine = (values: Partial<Machine>): Machine => ({
  platform: "linux",
  arch: "x64",
  osRelease: DEBIAN_12,
  kernelRelease: "6.1.0-28-amd64",
  ...values,
});

test.each([
  ["Debian 12", {}],
  ["Debian 12 on WSL", { kernelRelease: WSL }],
  ["a container of Debian 12 on another kernel", { kernelRelease: "6.8.0-1021-azure" }],
])("%s is supported", (_, values) => {
  expect(() => requireSupportedMachine(machine(values))).not.toThrow();
});

test.each<[string, Partial<Machine>]>([
  ["Debian GNU/Linux 13 (trixie) on x86-64", { osRelease: DEBIAN_13 }],
  ["Ubuntu 24.04.1 LTS on x86-64", { osRelease: UBUNTU }],
  ["Ubuntu 24.04.1 LTS (WSL) on x86-64", { osRelease: UBUNTU, kernelRelease: WSL }],
  ["Alpine Linux v3.20 on x86-64", { osRelease: ALPINE }],
  ["an unknown Linux on x86-64", { osRelease: undefined }],
  ["Debian GNU/Linux 12 (bookworm) on ARM64", { arch: "arm64" }],
  ["macOS on ARM64", { platform: "darwin", arch: "arm64", osRelease: undefined }],
  ["macOS on x86-64", { platform: "darwin", osRelease: undefined }],
  ["Windows on x86-64", { platform: "win32", osRelease: undefined }],
  ["freebsd on riscv64", { platform: "freebsd", arch: "riscv64" }],
])("%s is not, and the error says what works and what to do", (name, values) => {
  const check = () => requireSupportedMachine(machine(values));
  expect(check).toThrow(UserError);
  expect(check).toThrow(`needs Debian 12 (bookworm) on x86-64. This machine is ${name}.\n`);
  expect(check).toThrow(/pulumi up --stack dev[^]*\.\/lab audit[^]*dev container[^]*Codespaces/);
  if (values.arch) expect(check).toThrow('"Reopen in Container" on an x86-64 machine');
});
