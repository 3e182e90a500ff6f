import * as fs from "node:fs";
import * as path from "node:path";
import type { Notify } from "../../common/notify";
import { withLock } from "../../common/file-lock";
import type { LabPaths } from "../paths";
import { azureNativeFromEnvironment } from "./azure-native";
import { buildCli } from "./obtain-cli";
import { findCli, type Cli } from "./cli";
import { downloadCli, downloadsAreReachable } from "./download";
import { engineEnvironment } from "./environment";
import { ensureLanguageHost, findLanguageHost } from "./language-runtime";
import { ensurePlugins, findPlugins, type Plugin } from "./plugins";

export { ensureStack } from "./stack";
export type { Plugin } from "./plugins";

/** Longer than the longest build may take. */
const OBTAIN_SECONDS = 2400;

/** A Pulumi engine that is ready to run the program on local Azure. */
export interface Engine {
  /** The CLI's executable. */
  readonly pulumi: string;
  readonly version: string;
  readonly source: Cli["source"];
  readonly languageHost: "real" | "stand-in";
  readonly plugins: readonly Plugin[];
  /** What the CLI needs besides the process's environment; nothing in it is secret. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The engine if all of it is there; builds and fetches nothing. */
export async function findEngine(
  paths: LabPaths,
  azureNative = azureNativeFromEnvironment(process.env),
): Promise<Engine | undefined> {
  const cli = await findCli(paths);
  if (cli === undefined) return undefined;
  const home = azureNative === "real" ? paths.withRealAzureNative() : paths;
  const languageHost = findLanguageHost(home, cli);
  const plugins = findPlugins(home, azureNative);
  if (languageHost === undefined || plugins === undefined) return undefined;
  return engine(home, cli, languageHost, plugins);
}

/** Finds the engine, and downloads, builds or bundles what is missing of it. */
export async function ensureEngine(
  paths: LabPaths,
  notify: Notify,
  signal?: AbortSignal,
  azureNative = azureNativeFromEnvironment(process.env),
): Promise<Engine> {
  const home = azureNative === "real" ? paths.withRealAzureNative() : paths;
  fs.mkdirSync(home.pulumi, { recursive: true, mode: 0o700 });
  const found = await findCli(paths);
  // Asked once: with an engine in place, a restart of the lab does no probing.
  const complete = found !== undefined && findPlugins(home, azureNative) !== undefined;
  const download = !complete && (await downloadsAreReachable(signal));
  const cli = found ?? (await makeCli(paths, notify, download, signal));
  const environment = engineEnvironment(home, cli);
  const [languageHost, plugins] = await Promise.all([
    ensureLanguageHost(home, cli),
    ensurePlugins(home, cli, environment, download, { azureNative, signal }),
  ]);
  if (languageHost === "stand-in") {
    notify("pulumi-language-nodejs: stand-in (this CLI came without Pulumi's own)");
  }
  for (const { name, kind } of plugins) {
    if (kind === "real") continue;
    const reason =
      name === "azure-native"
        ? "it speaks to local Azure"
        : "the real plugin cannot be downloaded here";
    notify(`pulumi-resource-${name}: stand-in (${reason})`);
  }
  return engine(home, cli, languageHost, plugins);
}

/** Downloads the CLI, or else builds it. Of two runs on a new clone the second waits, and takes what the first has made. */
export async function makeCli(
  paths: LabPaths,
  notify: Notify,
  download: boolean,
  signal?: AbortSignal,
): Promise<Cli> {
  const wait = {
    what: "another run to end its work on Pulumi's CLI",
    timeoutSeconds: OBTAIN_SECONDS,
    onWait: () => notify("waiting for another run, which is making Pulumi's CLI"),
    signal,
  };
  return withLock(
    path.join(paths.engine, "cli.lock"),
    wait,
    async () => (await findCli(paths)) ?? obtainCli(paths, notify, download, signal),
  );
}

async function obtainCli(
  paths: LabPaths,
  notify: Notify,
  download: boolean,
  signal?: AbortSignal,
): Promise<Cli> {
  if (download) {
    notify("downloading Pulumi's CLI");
    const cli = await downloadCli(paths, signal);
    if (cli !== undefined) return cli;
  }
  return buildCli(paths, notify, signal);
}

function engine(
  paths: LabPaths,
  cli: Cli,
  languageHost: Engine["languageHost"],
  plugins: readonly Plugin[],
): Engine {
  return {
    pulumi: cli.path,
    version: cli.version,
    source: cli.source,
    languageHost,
    plugins,
    environment: engineEnvironment(paths, cli),
  };
}
