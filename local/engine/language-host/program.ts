import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

/** An npm package of the program. */
export interface ProgramDependency {
  readonly name: string;
  readonly version: string;
  /** The provider plugin that it needs, where it is a Pulumi SDK. */
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
