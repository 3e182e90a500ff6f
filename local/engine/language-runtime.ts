import * as fs from "node:fs";
import * as path from "node:path";
import type { LabPaths } from "../paths";
import { bundle, isLauncher, writeLauncher } from "./bundle";
import { CLI_VERSION, executablesOnPath, isExecutable, type Cli } from "./cli";
import { pluginsFolder } from "./plugins";

const NAME = "pulumi-language-nodejs";

/** The language host that the CLI will use: undefined where there is none yet. */
export function findLanguageHost(paths: LabPaths, cli: Cli): "real" | "stand-in" | undefined {
  if (realLanguageHost(cli) !== undefined) return "real";
  return isLauncher(launcher(paths)) ? "stand-in" : undefined;
}

/** Uses Pulumi's own language host beside the CLI or on PATH, else puts ours among the plugins, where the CLI looks last. */
export async function ensureLanguageHost(paths: LabPaths, cli: Cli): Promise<"real" | "stand-in"> {
  const real = realLanguageHost(cli);
  if (real !== undefined) {
    // Plugins on PATH are ignored in the lab; beside the CLI it is found anyway.
    writeLauncher(launcher(paths), [real]);
    return "real";
  }
  const host = await bundle(paths, "language-host", "local/engine/language-host/main.ts");
  writeLauncher(launcher(paths), [process.execPath, host]);
  return "stand-in";
}

function realLanguageHost(cli: Cli): string | undefined {
  const besideCli = path.join(path.dirname(fs.realpathSync(cli.path)), NAME);
  return [besideCli, ...executablesOnPath(NAME)].find(
    (file) => isExecutable(file) && !isLauncher(file),
  );
}

function launcher(paths: LabPaths): string {
  return path.join(pluginsFolder(paths), `language-nodejs-v${CLI_VERSION}`, NAME);
}
