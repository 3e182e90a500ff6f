import * as pulumi from "@pulumi/pulumi";
import { componentType } from "./component";
import { type VmScripts } from "./vm-step";

export interface AuthorizedKeysArgs {
  readonly scripts: VmScripts;
  readonly adminUsername: string;
  /** OpenSSH public keys that may sign in, besides the generated one. Without any, there is no step. */
  readonly sshPublicKeys: readonly string[];
}

/**
 * Further keys of the administrator, written by a step on the VM: Azure changes no key of an existing VM
 * (PropertyChangeNotAllowed), so as the VM's property each new key would replace the VM.
 */
export class AuthorizedKeys extends pulumi.ComponentResource {
  constructor(name: string, args: AuthorizedKeysArgs, opts?: pulumi.ComponentResourceOptions) {
    super(componentType("AuthorizedKeys"), name, {}, opts);
    if (args.sshPublicKeys.length > 0) {
      args.scripts.run(
        name,
        {
          script: "authorize-keys.sh",
          arguments: [args.adminUsername],
          stdin: `${args.sshPublicKeys.join("\n")}\n`,
          removable: true,
        },
        { parent: this },
      );
    }
    this.registerOutputs();
  }
}
