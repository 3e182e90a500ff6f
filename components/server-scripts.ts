import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

export interface ServerScriptArgs {
  /** Words after the server's id, without special characters. */
  readonly arguments?: readonly string[];
  /** A change of these runs the script again, as another server does. */
  readonly triggers?: readonly pulumi.Input<string>[];
  readonly dependsOn: readonly pulumi.Resource[];
}

/** Runs `scripts/<script>.ts` on a server, on the machine that runs Pulumi. */
export class ServerScripts {
  constructor(
    private readonly name: string,
    private readonly server: {
      readonly id: pulumi.Output<string>;
      readonly createdAt: pulumi.Output<string>;
    },
    private readonly options: pulumi.CustomResourceOptions,
  ) {}

  /** Runs it on each new server, and when a trigger changes. */
  run(role: string, script: string, args: ServerScriptArgs): command.local.Command {
    return new command.local.Command(
      `${this.name}-${role}`,
      {
        create: this.commandLine(script, args.arguments),
        triggers: [this.server.id, this.server.createdAt, ...(args.triggers ?? [])],
        addPreviousOutputInEnv: false,
      },
      { ...this.options, dependsOn: [...args.dependsOn] },
    );
  }

  commandLine(script: string, words: readonly string[] = []): pulumi.Output<string> {
    const rest = words.map((word) => ` ${word}`).join("");
    return pulumi.interpolate`node --import tsx scripts/${script}.ts '${this.server.id}'${rest}`;
  }
}
