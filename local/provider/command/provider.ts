import type { ProviderDefinition, ResourceHandler } from "../protocol";
import { commandHandler } from "./command";
import { copyToRemoteHandler } from "./copy-to-remote";
import { checkLocal, runLocal } from "./local-run";
import { checkRemote, runRemote } from "./remote-run";
import { SshPool } from "./ssh/pool";

/** @pulumi/command but for `CopyFile`, which it deprecates itself. */
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
