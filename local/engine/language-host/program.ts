import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

/** An npm package of the program. */
export interface ProgramDependency {
  readonly name: string;
  readonly version: string;
  /** The provider plugin that the package needs, where it is a Pulumi SDK. */
  readonly plugin?: { readonly name: string; readonly version: string; readonly server: string };
}

interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

/** The installed direct dependencies of the program's package; one that isn't installed is left out. */
export function programDependencies(programDirectory: string): ProgramDependency[] {
  const manifest = findManifest(programDirectory);
  if (manifest === undefined) return [];
  const { dependencies = {}, devDependencies = {} } = readPackage(manifest) ?? {};
  const roots = createRequire(manifest).resolve.paths("x") ?? [];
  return Object.keys({ ...dependencies, ...devDependencies })
    .sort()
    .flatMap((name) => installed(name, roots) ?? []);
}

function installed(name: string, roots: readonly string[]): ProgramDependency | undefined {
  for (const root of roots) {
    const manifest = readPackage(path.join(root, name, "package.json"));
    if (manifest?.version === undefined) continue;
    const { version, pulumi } = manifest;
    if (pulumi?.resource !== true) return { name, version };
    const plugin = {
      name: pulumi.name ?? name.replace(/^@pulumi\//, ""),
      version: pulumi.version ?? version,
      server: pulumi.server ?? "",
    };
    return { name, version, plugin };
  }
  return undefined;
}

function findManifest(directory: string): string | undefined {
  const manifest = path.join(directory, "package.json");
  if (fs.existsSync(manifest)) return manifest;
  const parent = path.dirname(directory);
  return parent === directory ? undefined : findManifest(parent);
}

function readPackage(file: string): PackageJson | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")) as PackageJson;
  } catch {
    return undefined;
  }
}

/** `runtime.options` of Pulumi.yaml, as Pulumi's Node.js language host reads them. */
export interface RuntimeOptions {
  /** Whether TypeScript sources run without a build. @default true */
  readonly typescript: boolean;
  /** Path of tsconfig.json. @default tsconfig.json in the program's folder */
  readonly tsconfig?: string;
  /** Arguments of node, as one string or a list. @default none */
  readonly nodeargs: readonly string[];
}

/** Reads the options; unknown ones are ignored. @throws Error for a value of the wrong type */
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
