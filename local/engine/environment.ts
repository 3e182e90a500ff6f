import * as path from "node:path";
import type { LabPaths } from "../paths";
import type { Cli } from "./cli";

/**
 * The passphrase of the local stack. It is no secret, on purpose: with it, the salt in Pulumi.local.yaml is the same for
 * everyone, and Pulumi, which would otherwise write a new one there, leaves the file as it is. What guards the state of the
 * lab is its folder, which only its owner can enter.
 */
const PASSPHRASE = "pg-audit-lab";

/** The variables with which plain `pulumi` works on the lab, apart from everything else of the user's Pulumi. */
export function engineEnvironment(paths: LabPaths, cli: Cli): Record<string, string> {
  const searchPath = process.env.PATH ?? "";
  const folder = path.dirname(cli.path);
  const onPath = cli.source === "path" || searchPath.split(path.delimiter)[0] === folder;
  return {
    PATH: onPath ? searchPath : `${folder}${path.delimiter}${searchPath}`,
    PULUMI_HOME: paths.pulumi,
    PULUMI_BACKEND_URL: `file://${paths.pulumiState}`,
    // Before PULUMI_CONFIG_PASSPHRASE_FILE, so that the user's own can't get in.
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // What the lab needs is in its PULUMI_HOME: nothing is fetched in the middle of an update, and a real azure-native on PATH
    // would turn to Azure.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    // Type-checking is for `npm run check`: it takes seconds of every preview.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
  };
}
