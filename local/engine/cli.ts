import * as fs from "node:fs";
import * as path from "node:path";
import { readFileIfExists, writeFile } from "../../common/files";
import { parseJson } from "../../common/json";
import { runCommand } from "../../common/run-command";
import type { LabPaths } from "../paths";

/** The version to download or build: that of the npm package, whose protocol the stand-ins implement. */
export const CLI_VERSION = "3.230.0";

export interface Cli {
  /** The executable. */
  readonly path: string;
  readonly version: string;
  readonly source: "path" | "downloaded" | "built";
}

interface Manifest {
  readonly version: string;
  readonly source: "downloaded" | "built";
  /** Size and modification time of the executable when `pulumi version` last answered. */
  readonly bytes: number;
  readonly mtimeMs: number;
}

/** The folder of the CLI that the lab obtained; the executable is `bin/pulumi` below it. */
export function cliFolder(paths: LabPaths): string {
  return path.join(paths.engine, "cli");
}

/** The CLI on PATH if it is new enough, else the lab's CLI if it is complete. */
export async function findCli(paths: LabPaths): Promise<Cli | undefined> {
  return (await findOnPath(paths)) ?? findObtained(paths);
}

async function findOnPath(paths: LabPaths): Promise<Cli | undefined> {
  const engine = path.resolve(paths.engine) + path.sep;
  for (const executable of executablesOnPath("pulumi")) {
    // `./lab env` puts the lab's CLI on PATH.
    if (fs.realpathSync(executable).startsWith(engine)) continue;
    const version = await versionOf(executable);
    if (version !== undefined && isAtLeast(version, CLI_VERSION)) {
      return { path: executable, version, source: "path" };
    }
  }
  return undefined;
}

function findObtained(paths: LabPaths): Cli | undefined {
  const executable = path.join(cliFolder(paths), "bin", "pulumi");
  const text = readFileIfExists(manifestFile(cliFolder(paths))) ?? "";
  const manifest = parseJson(text) as Manifest | undefined;
  const stat = fs.statSync(executable, { throwIfNoEntry: false });
  const isComplete =
    manifest && stat && stat.size === manifest.bytes && stat.mtimeMs === manifest.mtimeMs;
  if (!isComplete || !isAtLeast(manifest.version, CLI_VERSION)) return undefined;
  return { path: executable, version: manifest.version, source: manifest.source };
}

/** Makes a folder with a working `bin/pulumi` the lab's CLI; undefined where the executable doesn't work. */
export async function adoptCli(
  paths: LabPaths,
  folder: string,
  source: "downloaded" | "built",
): Promise<Cli | undefined> {
  const executable = path.join(folder, "bin", "pulumi");
  const version = await versionOf(executable);
  if (version === undefined) return undefined;
  const { size: bytes, mtimeMs } = fs.statSync(executable);
  const manifest: Manifest = { version, source, bytes, mtimeMs };
  writeFile(manifestFile(folder), JSON.stringify(manifest));
  fs.rmSync(cliFolder(paths), { recursive: true, force: true });
  fs.renameSync(folder, cliFolder(paths));
  return { path: path.join(cliFolder(paths), "bin", "pulumi"), version, source };
}

function manifestFile(folder: string): string {
  return path.join(folder, "manifest.json");
}

/** The version that `pulumi version` prints, without the `v`; undefined where that is no release. */
async function versionOf(executable: string): Promise<string | undefined> {
  const { failure, stdout } = await runCommand(executable, ["version"], {
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeoutSeconds: 20,
  });
  return failure === undefined ? /^v?(\d+\.\d+\.\d+)\s*$/.exec(stdout)?.[1] : undefined;
}

/** Every executable of that name on PATH, in the order of PATH. */
export function executablesOnPath(name: string, searchPath = process.env.PATH ?? ""): string[] {
  return searchPath
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name))
    .filter(isExecutable);
}

/** An empty file isn't one: a cut write leaves it, and Linux can't execute it. */
export function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    const stat = fs.statSync(file);
    return stat.isFile() && stat.size > 0;
  } catch {
    return false;
  }
}

/** Compares versions such as `1.25.8`. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [ours, theirs] = [version, minimum].map((text) => text.split(".").map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (ours?.[index] ?? 0) - (theirs?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
