import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PROJECT_ROOT, type LabPaths } from "../paths";
import { UserError } from "../../common/user-error";
import type { AzureNativeKind } from "./azure-native";
import { bundle, isLauncher, writeLauncher } from "./bundle";
import { executablesOnPath, isAtLeast, isExecutable, type Cli } from "./cli";
import { runCommand } from "../../common/run-command";

export interface Plugin {
  readonly name: string;
  readonly version: string;
  readonly kind: "real" | "stand-in";
  /** What runs: the real plugin, or the stand-in's launcher. */
  readonly path: string;
}

interface PluginSource {
  readonly name: string;
  /** The stand-in's entry point. */
  readonly entry: string;
  /** What is taken: the real plugin or none, the stand-in or none, or whichever can be had. */
  readonly only?: "real" | "stand-in";
}

/** azure-native is ours unless the real one is asked for, whatever the machine has. */
const sources = (azureNative: AzureNativeKind): readonly PluginSource[] => [
  { name: "azure-native", entry: "local/provider/azure-native/main.ts", only: azureNative },
  { name: "command", entry: "local/provider/command/main.ts" },
  { name: "random", entry: "local/provider/random/main.ts" },
  { name: "tls", entry: "local/provider/tls/main.ts" },
];
const DOWNLOAD_SECONDS = 120;

/** What is installed for the lab now; undefined unless every plugin is there. */
export function findPlugins(paths: LabPaths, azureNative: AzureNativeKind): Plugin[] | undefined {
  const wanted = sources(azureNative);
  const found = wanted.flatMap((source): Plugin[] => {
    const version = wantedVersion(source.name);
    const launcher = pluginExecutable(pluginsFolder(paths), source.name, version);
    const real = source.only === "stand-in" ? undefined : findReal(paths, source.name, version);
    if (real !== undefined) return [real];
    if (source.only === "real" || !isLauncher(launcher)) return [];
    return [{ name: source.name, version, kind: "stand-in", path: launcher }];
  });
  return found.length === wanted.length ? found : undefined;
}

export interface EnsurePluginsOptions {
  /** @default "stand-in" */
  readonly azureNative?: AzureNativeKind;
  readonly signal?: AbortSignal;
}

/**
 * Makes sure that PULUMI_HOME has every plugin of the program: the real one from there, from PATH or from the user's own
 * PULUMI_HOME; else, where `download` says so, Pulumi's; else the stand-in, bundled anew.
 * @throws UserError where the real azure-native is asked for and can't be had
 */
export async function ensurePlugins(
  paths: LabPaths,
  cli: Cli,
  environment: Readonly<Record<string, string>>,
  download: boolean,
  { azureNative = "stand-in", signal }: EnsurePluginsOptions = {},
): Promise<Plugin[]> {
  return Promise.all(
    sources(azureNative).map(async (source): Promise<Plugin> => {
      const { name } = source;
      const version = wantedVersion(name);
      const launcher = pluginExecutable(pluginsFolder(paths), name, version);
      if (source.only !== "stand-in") {
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
        if (source.only === "real") throw realIsMissing(name, version, download);
      }
      writeLauncher(launcher, [
        process.execPath,
        await bundle(paths, `provider-${name}`, source.entry),
      ]);
      return { name, version, kind: "stand-in", path: launcher };
    }),
  );
}

const realIsMissing = (name: string, version: string, download: boolean): UserError =>
  new UserError(
    `The real ${name} plugin ${version} is asked for, but it is neither on PATH nor in ~/.pulumi/plugins, and ` +
      `${download ? "Pulumi's download of it failed" : "Pulumi's downloads can't be reached from here"}. ` +
      `Put pulumi-resource-${name} on PATH, or use the stand-in: LAB_AZURE_NATIVE=stand-in, which is the default.`,
  );

export function pluginsFolder(paths: LabPaths): string {
  return path.join(paths.pulumi, "plugins");
}

/** A real plugin of the wanted version (in a plugins folder) or of any (on PATH, as Pulumi takes it). */
function findReal(paths: LabPaths, name: string, version: string): Plugin | undefined {
  const kind = "real";
  const userHome = path.join(process.env.HOME ?? os.homedir(), ".pulumi");
  const own = pluginExecutable(pluginsFolder(paths), name, version);
  if (isExecutable(own) && !isLauncher(own)) return { name, version, kind, path: own };
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

/** The wanted version if it is there, else newer ones of the same major version, as Pulumi picks them. */
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

/** The SDK asks the engine for the plugin of its own version. */
function wantedVersion(name: string): string {
  const manifest = path.join(PROJECT_ROOT, "node_modules", "@pulumi", name, "package.json");
  const { version } = JSON.parse(fs.readFileSync(manifest, "utf8")) as { version: string };
  return version.replace(/^v/, "");
}
