import type { Output } from "@pulumi/pulumi";
import { defaults, runtimeConfig, stackFile } from "./project-config";
import { Recorder } from "./recorder";

export interface ProgramRun {
  readonly recorder: Recorder;
  /** What the program exports. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Names of the exported outputs that are secret. */
  readonly secretOutputs: readonly string[];
}

/** Runs index.ts, as `pulumi up` does in a stack, with these settings and the stack's. */
export async function runProgram(
  settings: Record<string, unknown> = {},
  stack = "dev",
): Promise<ProgramRun> {
  let run: ProgramRun | undefined;
  // A program runs once when it is loaded; each run needs fresh modules.
  await jest.isolateModulesAsync(async () => {
    const pulumi = await import("@pulumi/pulumi");
    const recorder = await Recorder.start(pulumi, stack);
    pulumi.runtime.setAllConfig(
      runtimeConfig({
        ...defaults(),
        sshSourceAddressPrefixes: ["203.0.113.7/32", "198.51.100.0/24"],
        ...stackFile(stack),
        ...settings,
      }),
    );
    const exported = (await import("../../../index")) as unknown as { default: object };
    const outputs: Record<string, unknown> = {};
    const secretOutputs: string[] = [];
    for (const [name, value] of Object.entries(exported.default)) {
      const output: Output<unknown> = pulumi.output(value);
      if (await pulumi.isSecret(output)) secretOutputs.push(name);
      outputs[name] = await new Promise((resolve) => output.apply(resolve));
    }
    run = { recorder: await recorder.end(), outputs, secretOutputs };
  });
  if (!run) throw new Error("the program did not run");
  return run;
}
