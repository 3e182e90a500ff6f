import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { runCommand } from "../../common/run-command";
import { UserError } from "../../common/user-error";
import { type LabPaths } from "../paths";
import { bundle, isLauncher, writeLauncher } from "./bundle";
import { CLI_VERSION, executablesOnPath, isAtLeast, isExecutable, type Cli } from "./cli";

export const AZURE_NATIVE_KINDS = ["stand-in", "real"] as const;

/** Which azure-native plugin works on local Azure. */
export type AzureNativeKind = (typeof AZURE_NATIVE_KINDS)[number];

/** The value of LAB_AZURE_NATIVE. @default "stand-in" @throws UserError for an unknown value */
export function azureNativeFromEnvironment(env: NodeJS.ProcessEnv): AzureNativeKind {
  const value = env.LAB_AZURE_NATIVE || "stand-in";
  const kind = AZURE_NATIVE_KINDS.find((known) => known === value);
  if (kind) return kind;
  throw new UserError(
    `LAB_AZURE_NATIVE is '${value}'; it takes ${AZURE_NATIVE_KINDS.join(" or ")}, or leave it unset for stand-in.`,
  );
}

/** A resource plugin that is installed for the lab. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  readonly kind: "real" | "stand-in";
  /** The real plugin, or the stand-in's launcher. */
  readonly path: string;
}

interface PluginSource {
  readonly name: string;
  /** The plugin must be of this kind. @default the real plugin if it is available, else the stand-in */
  readonly only?: "real" | "stand-in";
}

const sources = (azureNative: AzureNativeKind): readonly PluginSource[] => [
  { name: "azure-native", only: azureNative },
  { name: "command" },
  { name: "random" },
  { name: "tls" },
];
const DOWNLOAD_SECONDS = 120;

/** The installed plugins; undefined unless all are installed. */
export function findPlugins(paths: LabPaths, azureNative: AzureNativeKind): Plugin[] | undefined {
  const wanted = sources(azureNative);
  const found = wanted.flatMap(({ name, only }): Plugin[] => {
    const version = wantedVersion(name);
    const launcher = pluginExecutable(pluginsFolder(paths), name, version);
    const real = only === "stand-in" ? undefined : findReal(paths, name, version);
    if (real !== undefined) return [real];
    if (only === "real" || !isLauncher(launcher)) return [];
    return [{ name, version, kind: "stand-in", path: launcher }];
  });
  return found.length === wanted.length ? found : undefined;
}

export interface EnsurePluginsOptions {
  /** @default "stand-in" */
  readonly azureNative?: AzureNativeKind;
  readonly signal?: AbortSignal;
}

/**
 * Ensures that PULUMI_HOME has every plugin of the program: the real one from there, from PATH or from the user's
 * PULUMI_HOME; else, where `download` is set, from Pulumi's downloads; else the stand-in, bundled anew.
 * @throws UserError where the real azure-native is required and not available
 */
export async function ensurePlugins(
  paths: LabPaths,
  cli: Cli,
  environment: Readonly<Record<string, string>>,
  download: boolean,
  { azureNative = "stand-in", signal }: EnsurePluginsOptions = {},
): Promise<Plugin[]> {
  return Promise.all(
    sources(azureNative).map(async ({ name, only }): Promise<Plugin> => {
      const version = wantedVersion(name);
      const launcher = pluginExecutable(pluginsFolder(paths), name, version);
      if (only !== "stand-in") {
        let real = findReal(paths, name, version);
        if (real === undefined && download) {
          if (isLauncher(launcher)) fs.rmSync(path.dirname(launcher), { recursive: true });
          await runCommand(cli.path, ["plugin", "install", "resource", name, version], {
            env: environment,
            timeoutSeconds: DOWNLOAD_SECONDS,
            signal,
          });
          real = findReal(paths, name, version);
        }
        if (real !== undefined) {
          if (real.path !== launcher) writeLauncher(launcher, [real.path]);
          return real;
        }
        if (only === "real") throw realIsMissing(name, version, download);
      }
      const entry = `local/provider/${name}/provider.ts`;
      const standIn = await bundle(paths, `provider-${name}`, entry);
      writeLauncher(launcher, [process.execPath, standIn]);
      return { name, version, kind: "stand-in", path: launcher };
    }),
  );
}

const realIsMissing = (name: string, version: string, download: boolean): UserError =>
  new UserError(
    `The real ${name} plugin ${version} is required, but it is neither on PATH nor in ~/.pulumi/plugins, and ` +
      `${download ? "its download from Pulumi failed" : "Pulumi's downloads can't be reached from here"}. ` +
      `Put pulumi-resource-${name} on PATH, or use the stand-in: LAB_AZURE_NATIVE=stand-in, which is the default.`,
  );

function pluginsFolder(paths: LabPaths): string {
  return path.join(paths.pulumi, "plugins");
}

/** A real plugin: from a plugins folder in a compatible version, from PATH in any version, as Pulumi does. */
function findReal(paths: LabPaths, name: string, version: string): Plugin | undefined {
  const kind = "real";
  const userHome = path.join(process.env.HOME ?? os.homedir(), ".pulumi");
  const installed = pluginExecutable(pluginsFolder(paths), name, version);
  if (isExecutable(installed) && !isLauncher(installed)) {
    return { name, version, kind, path: installed };
  }
  const ambient = executablesOnPath(`pulumi-resource-${name}`).find((file) => !isLauncher(file));
  if (ambient !== undefined) return { name, version, kind, path: ambient };
  const users = compatibleVersions(path.join(userHome, "plugins"), name, version)
    .map((found) => ({
      version: found,
      path: pluginExecutable(path.join(userHome, "plugins"), name, found),
    }))
    .find((found) => isExecutable(found.path));
  return users && { name, kind, ...users };
}

/** The wanted version if it is available, else newer ones of the same major version, as Pulumi selects them. */
function compatibleVersions(folder: string, name: string, wanted: string): string[] {
  const prefix = `resource-${name}-v`;
  const entries = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return entries
    .filter(
      (entry) => entry.startsWith(prefix) && /^\d+\.\d+\.\d+$/.test(entry.slice(prefix.length)),
    )
    .map((entry) => entry.slice(prefix.length))
    .filter((found) => isAtLeast(found, wanted) && found.split(".")[0] === wanted.split(".")[0])
    .sort((a, b) => (isAtLeast(a, b) ? 1 : -1));
}

function pluginExecutable(folder: string, name: string, version: string): string {
  return path.join(folder, `resource-${name}-v${version}`, `pulumi-resource-${name}`);
}

/** The SDK asks the engine for the plugin of the SDK's version. */
function wantedVersion(name: string): string {
  const manifest = require.resolve(`@pulumi/${name}/package.json`);
  const { version } = JSON.parse(fs.readFileSync(manifest, "utf8")) as { version: string };
  return version.replace(/^v/, "");
}

const LANGUAGE_HOST = "pulumi-language-nodejs";

/** The language host that the CLI will use: undefined where there is none yet. */
export function findLanguageHost(paths: LabPaths, cli: Cli): Plugin["kind"] | undefined {
  if (realLanguageHost(cli) !== undefined) return "real";
  return isLauncher(languageHostLauncher(paths)) ? "stand-in" : undefined;
}

/** Uses Pulumi's language host next to the CLI or on PATH, else installs the stand-in as a plugin. */
export async function ensureLanguageHost(paths: LabPaths, cli: Cli): Promise<Plugin["kind"]> {
  const real = realLanguageHost(cli);
  if (real !== undefined) {
    // The lab ignores plugins on PATH (PULUMI_IGNORE_AMBIENT_PLUGINS).
    writeLauncher(languageHostLauncher(paths), [real]);
    return "real";
  }
  const host = await bundle(paths, "language-host", "local/engine/language-host/main.ts");
  writeLauncher(languageHostLauncher(paths), [process.execPath, host]);
  return "stand-in";
}

function realLanguageHost(cli: Cli): string | undefined {
  const nextToCli = path.join(path.dirname(fs.realpathSync(cli.path)), LANGUAGE_HOST);
  return [nextToCli, ...executablesOnPath(LANGUAGE_HOST)].find(
    (file) => isExecutable(file) && !isLauncher(file),
  );
}

function languageHostLauncher(paths: LabPaths): string {
  return path.join(pluginsFolder(paths), `language-nodejs-v${CLI_VERSION}`, LANGUAGE_HOST);
}
