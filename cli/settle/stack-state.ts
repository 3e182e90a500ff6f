import execa from "execa";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import { lastLines } from "../../common/run-command";

/** A resource in a stack's state, as far as it is needed here; the rest is kept. Source: apitype/core.go of pulumi/pulumi 3.230. */
export const STATE_RESOURCE = z.looseObject({
  urn: z.string(),
  custom: z.boolean(),
  type: z.string(),
  id: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
  parent: z.string().optional(),
  dependencies: z.array(z.string()).nullish(),
  provider: z.string().optional(),
  initErrors: z.array(z.string()).optional(),
  /** Its successor exists; it is deleted by the next update. */
  delete: z.boolean().optional(),
  /** It was deleted, and its successor isn't created yet. */
  pendingReplacement: z.boolean().optional(),
  external: z.boolean().optional(),
});

export type StateResource = z.infer<typeof STATE_RESOURCE>;

const DEPLOYMENT = z.looseObject({
  resources: z.array(STATE_RESOURCE).nullish(),
  /** What the engine had begun when it was killed. */
  pending_operations: z
    .array(z.looseObject({ type: z.string(), resource: STATE_RESOURCE }))
    .nullish(),
});

/** What `pulumi stack export` prints and `pulumi stack import` reads; secrets stay encrypted. */
const EXPORTED = z.looseObject({ deployment: DEPLOYMENT.nullish() });
export type Exported = z.infer<typeof EXPORTED>;
export type Operation = NonNullable<z.infer<typeof DEPLOYMENT>["pending_operations"]>[number];

/** The goal of a resource in a plan; secrets are encrypted as in the state. Source: apitype/plan.go. */
const GOAL = z.looseObject({
  type: z.string(),
  custom: z.boolean(),
  inputDiff: z
    .object({
      adds: z.record(z.string(), z.unknown()).optional(),
      updates: z.record(z.string(), z.unknown()).optional(),
      deletes: z.array(z.string()).optional(),
    })
    .optional(),
  parent: z.string().optional(),
  protect: z.boolean().optional(),
  dependencies: z.array(z.string()).nullish(),
  provider: z.string().optional(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).nullish(),
  additionalSecretOutputs: z.array(z.string()).nullish(),
});

const PLAN = z.object({
  resourcePlans: z.record(
    z.string(),
    z.looseObject({ goal: GOAL.nullish(), steps: z.array(z.string()).nullish() }),
  ),
});

export type Goal = z.infer<typeof GOAL>;
export type Plan = z.infer<typeof PLAN>["resourcePlans"];

/** How the Pulumi CLI is run on a stack. */
export interface StackCli {
  readonly stack: string;
  /** @default the `pulumi` on PATH */
  readonly pulumi?: string;
  readonly env: NodeJS.ProcessEnv;
  /** The program's folder. */
  readonly cwd: string;
}

/** Reads and writes a stack's state, and asks the program what it would create. */
export class StackState {
  constructor(private readonly cli: StackCli) {}

  async read(): Promise<Exported> {
    return EXPORTED.parse(JSON.parse(await this.run(["stack", "export"])));
  }

  /** Replaces the state. Pulumi checks it, and drops all pending operations. */
  async write(state: Exported): Promise<void> {
    await this.run(["stack", "import"], JSON.stringify(state));
  }

  /** Compares the state with the cloud; resources that are gone leave the state. Pending updates and deletions are dropped. */
  async refresh(): Promise<void> {
    await this.run(["refresh", "--yes", "--skip-preview"]);
  }

  /** What the next update would do, by URN. The file with it is removed. */
  async plan(): Promise<Plan> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pg-audit-lab-"));
    try {
      const file = path.join(folder, "plan.json");
      await this.run(["preview", "--save-plan", file]);
      return PLAN.parse(JSON.parse(fs.readFileSync(file, "utf8"))).resourcePlans;
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }

  /** @throws Error with the end of the output */
  private async run(args: readonly string[], input = ""): Promise<string> {
    const { stack, pulumi = "pulumi", env, cwd } = this.cli;
    const options = ["--stack", stack, "--non-interactive", "--color", "never"];
    const { exitCode, signal, stdout, all } = await execa(pulumi, [...args, ...options], {
      ...{ cwd, env, extendEnv: false, input, all: true, reject: false },
    });
    if (exitCode === 0) return stdout;
    throw new Error(`pulumi ${args[0]} ended with ${exitCode ?? signal}:\n${lastLines(all ?? "")}`);
  }
}
