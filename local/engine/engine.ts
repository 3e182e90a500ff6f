import * as fs from "node:fs";
import * as path from "node:path";
import { writeSecretFile } from "../../common/files";
import type { Notify } from "../../common/notify";
import { type LabPaths } from "../paths";
import { findCli, type Cli } from "./cli";
import { downloadsAreReachable, obtainCli } from "./obtain-cli";
import {
  azureNativeFromEnvironment,
  ensureLanguageHost,
  ensurePlugins,
  findLanguageHost,
  findPlugins,
  type Plugin,
} from "./plugins";

/** A Pulumi engine that is ready to run the program on local Azure. */
export interface Engine {
  /** The CLI's executable. */
  readonly pulumi: string;
  readonly version: string;
  readonly source: Cli["source"];
  readonly languageHost: Plugin["kind"];
  readonly plugins: readonly Plugin[];
  /** The variables that the CLI needs; none is secret. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The engine if it is complete; builds and downloads nothing. */
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
  return engineOf(home, cli, languageHost, plugins);
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
  writeSecretFile(paths.passphraseFile, PASSPHRASE);
  const found = await findCli(paths);
  // With a complete engine, a restart of the lab doesn't probe the network.
  const complete = found !== undefined && findPlugins(home, azureNative) !== undefined;
  const download = !complete && (await downloadsAreReachable(signal));
  const cli = found ?? (await obtainCli(paths, notify, download, signal));
  const environment = engineEnvironment(home, cli);
  const [languageHost, plugins] = await Promise.all([
    ensureLanguageHost(home, cli),
    ensurePlugins(home, cli, environment, download, { azureNative, signal }),
  ]);
  if (languageHost === "stand-in") {
    notify("pulumi-language-nodejs: stand-in (this CLI has no language host)");
  }
  for (const { name, kind } of plugins) {
    if (kind === "real") continue;
    const reason =
      name === "azure-native"
        ? "for local Azure only"
        : "the real plugin can't be downloaded from here";
    notify(`pulumi-resource-${name}: stand-in (${reason})`);
  }
  return engineOf(home, cli, languageHost, plugins);
}

function engineOf(
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

/**
 * The passphrase of the local stack; it is no secret. With a fixed passphrase the salt in Pulumi.local.yaml is the same for
 * everyone, and Pulumi doesn't change the file. The lab's state is protected by the mode of its folder.
 */
const PASSPHRASE = "pg-audit-lab";

/**
 * The backend of the lab's stacks, without files of attributes: such a file isn't replaced as a whole, and one that a killed
 * engine left empty makes the state unreadable ("failed to load checkpoint: EOF"). Source: setAttrs in gocloud.dev's blob/fileblob.
 */
export const backendUrl = ({ pulumiState }: Pick<LabPaths, "pulumiState">): string =>
  `file://${pulumiState}?metadata=skip`;

/** The variables with which plain `pulumi` works on the lab, separate from the user's other Pulumi projects. */
export function engineEnvironment(paths: LabPaths, cli: Cli): Record<string, string> {
  const searchPath = process.env.PATH ?? "";
  const folder = path.dirname(cli.path);
  const onPath = cli.source === "path" || searchPath.split(path.delimiter)[0] === folder;
  return {
    PATH: onPath ? searchPath : `${folder}${path.delimiter}${searchPath}`,
    PULUMI_HOME: paths.pulumi,
    PULUMI_BACKEND_URL: backendUrl(paths),
    // As the README recommends for a stack on Azure. A PULUMI_CONFIG_PASSPHRASE would take precedence: it is unset.
    PULUMI_CONFIG_PASSPHRASE_FILE: paths.passphraseFile,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // All plugins are in the lab's PULUMI_HOME: nothing is downloaded during an update, and a real azure-native on PATH,
    // which would call Azure, isn't used.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    // `npm run check` checks the types; in a preview that would take seconds.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
  };
}
