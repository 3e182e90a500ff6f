import { version } from "@pulumi/command/package.json";
import { runMain } from "../../../common/run-main";
import { serveProvider, type ProviderDefinition, type ResourceHandler } from "../protocol";
import { commandHandler } from "./command";
import { copyToRemoteHandler } from "./copy-to-remote";
import { checkLocal, runLocal } from "./local-run";
import { checkRemote, runRemote } from "./remote-run";
import { SshPool } from "./ssh/pool";

/** `pulumi-resource-command` for machines without Pulumi's: @pulumi/command without the deprecated `CopyFile`. */
export function commandProvider(version: string): ProviderDefinition {
  const connections = new SshPool();
  const resources: Readonly<Record<string, ResourceHandler>> = {
    "command:local:Command": commandHandler({ check: checkLocal, run: runLocal }),
    "command:remote:Command": commandHandler({
      check: checkRemote,
      run: (command, run) => runRemote(connections, command, run),
    }),
    "command:remote:CopyToRemote": copyToRemoteHandler(connections),
  };
  return {
    name: "command",
    version,
    supportsPreview: true,
    resources: (type) => resources[type],
    invokes: () => undefined,
    close: () => connections.close(),
  };
}

if (require.main === module) runMain(() => serveProvider(commandProvider(version)));
