import * as fs from "node:fs";
import * as path from "node:path";
import type { LabPaths } from "../paths";
import { adoptCli, type Cli } from "./cli";
import { runCommand } from "../../common/run-command";

/** Where Pulumi publishes the CLI and the plugins. */
const DOWNLOADS = "https://get.pulumi.com/";
const PROBE_SECONDS = 5;
const DOWNLOAD_SECONDS = 300;

/** Whether Pulumi's downloads can be reached from here; a closed network answers no within seconds. */
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

/** Pulumi's own installer, as its Automation API runs it, for the npm package's version; undefined where it fails. */
export async function downloadCli(paths: LabPaths, signal?: AbortSignal): Promise<Cli | undefined> {
  const folder = path.join(paths.engine, "cli.download");
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  // In a process of its own: the Automation API takes a second to load, and its installer has no time limit.
  const script = `
    const { PulumiCommand } = require("@pulumi/pulumi/automation");
    PulumiCommand.install({ root: process.argv[1] }).then(
      () => process.exit(0), (error) => { console.error(String(error)); process.exit(1); });`;
  const { exitCode } = await runCommand(process.execPath, ["-e", script, folder], {
    cwd: __dirname,
    timeoutSeconds: DOWNLOAD_SECONDS,
    signal,
  });
  const cli = exitCode === 0 ? await adoptCli(paths, folder, "downloaded") : undefined;
  fs.rmSync(folder, { recursive: true, force: true });
  return cli;
}
