/** `runtime.options` of Pulumi.yaml, as Pulumi's own Node.js language host reads them. */
export interface RuntimeOptions {
  /** Run TypeScript sources without a build. @default true */
  readonly typescript: boolean;
  /** Path of the tsconfig.json for that. @default tsconfig.json beside the program */
  readonly tsconfig?: string;
  /** Arguments of node itself, as one string or a list. @default none */
  readonly nodeargs: readonly string[];
}

/** Reads the options; a value of the wrong type is an error, an unknown one isn't ours to judge. */
export function parseRuntimeOptions(options: Readonly<Record<string, unknown>>): RuntimeOptions {
  const { typescript = true, tsconfig, nodeargs = [] } = options;
  if (typeof typescript !== "boolean") throw wrong("typescript", typescript, "true or false");
  if (tsconfig !== undefined && typeof tsconfig !== "string") {
    throw wrong("tsconfig", tsconfig, "a path");
  }
  const args = typeof nodeargs === "string" ? nodeargs.split(/\s+/).filter(Boolean) : nodeargs;
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === "string")) {
    throw wrong("nodeargs", nodeargs, "a string or a list of strings");
  }
  return { typescript, tsconfig, nodeargs: args };
}

function wrong(option: string, value: unknown, rule: string): Error {
  return new Error(
    `runtime.options.${option} in Pulumi.yaml is ${JSON.stringify(value)}, which is not ${rule}`,
  );
}
