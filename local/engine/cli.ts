import * as fs from "node:fs";
import * as path from "node:path";
import { readFileIfExists, writeFile } from "../../common/files";
import type { LabPaths } from "../paths";
import { runCommand } from "../../common/run-command";

/** The version that is downloaded or built: that of the npm package, whose protocol the stand-ins speak. */
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
  /** Size and time of the executable as it was when `pulumi version` last answered. */
  readonly bytes: number;
  readonly mtimeMs: number;
}

/** The folder of the lab's own CLI; `bin/pulumi` below it. */
export function cliFolder(paths: LabPaths): string {
  return path.join(paths.engine, "cli");
}

/** The CLI on PATH if it is new enough, else the lab's own if it is whole. */
export async function findCli(paths: LabPaths): Promise<Cli | undefined> {
  return (await findOnPath(paths)) ?? findOwn(paths);
}

async function findOnPath(paths: LabPaths): Promise<Cli | undefined> {
  const own = path.resolve(paths.engine) + path.sep;
  for (const executable of executablesOnPath("pulumi")) {
    // `lab:env` puts the lab's own CLI on PATH.
    if (fs.realpathSync(executable).startsWith(own)) continue;
    const version = await versionOf(executable);
    if (version !== undefined && isAtLeast(version, CLI_VERSION)) {
      return { path: executable, version, source: "path" };
    }
  }
  return undefined;
}

function findOwn(paths: LabPaths): Cli | undefined {
  const executable = path.join(cliFolder(paths), "bin", "pulumi");
  const text = readFileIfExists(manifestFile(cliFolder(paths)));
  const stat = fs.statSync(executable, { throwIfNoEntry: false });
  if (text === undefined || stat === undefined) return undefined;
  try {
    const manifest = JSON.parse(text) as Manifest;
    const whole = stat.size === manifest.bytes && stat.mtimeMs === manifest.mtimeMs;
    if (!whole || !isAtLeast(manifest.version, CLI_VERSION)) return undefined;
    return { path: executable, version: manifest.version, source: manifest.source };
  } catch {
    return undefined;
  }
}

/** Puts a folder with a working `bin/pulumi` in the place of the lab's CLI; undefined where it doesn't answer. */
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

/** What `pulumi version` prints, without the `v`; undefined where that is no released version. */
async function versionOf(executable: string): Promise<string | undefined> {
  const { exitCode, stdout } = await runCommand(executable, ["version"], {
    env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeoutSeconds: 20,
  });
  return exitCode === 0 ? /^v?(\d+\.\d+\.\d+)\s*$/.exec(stdout)?.[1] : undefined;
}

/** Every executable of that name on PATH, first come first. */
export function executablesOnPath(name: string, searchPath = process.env.PATH ?? ""): string[] {
  return searchPath
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name))
    .filter(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Compares dotted numbers, `1.25.8`. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [ours, theirs] = [version, minimum].map((text) => text.split(".").map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (ours?.[index] ?? 0) - (theirs?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
