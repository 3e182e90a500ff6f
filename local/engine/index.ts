import * as fs from "node:fs";
import type { Announce } from "../common/announce";
import type { LabPaths } from "../common/paths";
import { buildCli } from "./build";
import { findCli, type Cli } from "./cli";
import { downloadCli, downloadsAreReachable } from "./download";
import { engineEnvironment } from "./environment";
import { ensureLanguageHost, findLanguageHost } from "./language-runtime";
import { ensurePlugins, findPlugins, type Plugin } from "./plugins";

export { ensureStack } from "./stack";
export type { Plugin } from "./plugins";

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
export async function findEngine(paths: LabPaths): Promise<Engine | undefined> {
  const cli = await findCli(paths);
  if (cli === undefined) return undefined;
  const languageHost = findLanguageHost(paths, cli);
  const plugins = findPlugins(paths);
  if (languageHost === undefined || plugins === undefined) return undefined;
  return engine(paths, cli, languageHost, plugins);
}

/** Finds the engine, and downloads, builds or bundles what is missing of it. */
export async function ensureEngine(
  paths: LabPaths,
  announce: Announce,
  signal?: AbortSignal,
): Promise<Engine> {
  fs.mkdirSync(paths.pulumi, { recursive: true, mode: 0o700 });
  const found = await findCli(paths);
  // Asked once: with an engine in place, a restart of the lab does no probing.
  const complete = found !== undefined && findPlugins(paths) !== undefined;
  const download = !complete && (await downloadsAreReachable(signal));
  const cli = found ?? (await obtainCli(paths, announce, download, signal));
  const environment = engineEnvironment(paths, cli);
  const [languageHost, plugins] = await Promise.all([
    ensureLanguageHost(paths, cli),
    ensurePlugins(paths, cli, environment, download, signal),
  ]);
  if (languageHost === "stand-in") {
    announce("pulumi-language-nodejs: stand-in (this CLI came without Pulumi's own)");
  }
  for (const { name, kind } of plugins) {
    if (kind === "real") continue;
    const reason =
      name === "azure-native"
        ? "it speaks to local Azure"
        : "the real plugin cannot be downloaded here";
    announce(`pulumi-resource-${name}: stand-in (${reason})`);
  }
  return engine(paths, cli, languageHost, plugins);
}

async function obtainCli(
  paths: LabPaths,
  announce: Announce,
  download: boolean,
  signal?: AbortSignal,
): Promise<Cli> {
  if (download) {
    announce("downloading Pulumi's CLI");
    const cli = await downloadCli(paths, signal);
    if (cli !== undefined) return cli;
  }
  return buildCli(paths, announce, signal);
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
