import { type BicepType, readTypesJson, TypeBaseKind, type TypeReference } from "bicep-types";
import * as fs from "node:fs";
import * as path from "node:path";
import { PROJECT_ROOT } from "../../../local/paths";

/** One of Microsoft's types: the types of its file, and the index of the type. */
export interface TypePlace {
  readonly types: readonly BicepType[];
  readonly type: TypeReference;
}

/**
 * Versions whose types aren't at hand, and the newer ones that are. Source: azure-rest-api-specs, ManagedIdentity.json: the body
 * of 2024-11-30 has a further property, isolationScope, which local Azure doesn't have.
 */
const NEWER_TYPES: Readonly<Record<string, string>> = {
  "Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31": "2024-11-30",
};

const VARIABLE = "AZURE_TYPES_DIR";
const DEFAULT_FOLDER = path.resolve(PROJECT_ROOT, "../shared/azure-types");

/** Those of locks, Log Analytics and Event Hubs, which copies of the first resource types lack. */
const LATER_NAMESPACES: readonly string[] = [
  "microsoft.authorization@2020-05-01",
  "microsoft.eventhub@2024-01-01",
  "microsoft.insights@2025-01-01-preview",
  "microsoft.operationalinsights@2023-09-01",
];

/**
 * Microsoft's machine-readable types of Azure's resources, as Bicep uses them (the repository Azure/bicep-types-az,
 * MIT): one folder for each namespace and api-version, `microsoft.network@2024-05-01/types.json`. Part of a namespace can
 * have a separate folder, `microsoft.network-privatedns@2024-06-01`.
 */
export class AzureTypes {
  private readonly files = new Map<string, readonly BicepType[]>();
  private readonly missing = new Set<string>();

  private constructor(private readonly folder: string) {}

  /** The types in AZURE_TYPES_DIR or in the default folder; undefined if there are none. @throws Error if the variable names no folder */
  static find(env: NodeJS.ProcessEnv = process.env): AzureTypes | undefined {
    const named = env[VARIABLE];
    const folder = named ? path.resolve(named) : DEFAULT_FOLDER;
    if (fs.existsSync(folder)) return new AzureTypes(folder);
    if (!named) return undefined;
    throw new Error(
      `${VARIABLE} is ${named}, and there is no such folder; ` +
        "name one that holds Microsoft's types, like microsoft.network@2024-05-01/types.json",
    );
  }

  /** False for a type of a namespace in `LATER_NAMESPACES` that the folder lacks, which standard error says once. */
  describes(type: string, apiVersion: string): boolean {
    const missing = `${type.split("/", 1)[0]?.toLowerCase()}@${apiVersion}`;
    if (!LATER_NAMESPACES.includes(missing) || this.filesOf(type, apiVersion).length > 0)
      return true;
    if (!this.missing.has(missing)) {
      process.stderr.write(
        `Requests are not judged by Microsoft's types: there is no ${missing}\n`,
      );
    }
    this.missing.add(missing);
    return false;
  }

  /** The body of a resource type, with id, name, type and apiVersion. */
  resource(type: string, requested: string): TypePlace | undefined {
    const apiVersion = NEWER_TYPES[`${type}@${requested}`] ?? requested;
    const wanted = `${type}@${apiVersion}`.toLowerCase();
    for (const types of this.filesOf(type, apiVersion)) {
      for (const found of types) {
        if (found.type === TypeBaseKind.ResourceType && found.name.toLowerCase() === wanted) {
          return { types, type: found.body };
        }
      }
    }
    return undefined;
  }

  /** The type of the resource's name. */
  resourceName(type: string, apiVersion: string): TypePlace | undefined {
    const place = this.resource(type, apiVersion);
    const body = place?.types[place.type.index];
    if (!place || body?.type !== TypeBaseKind.ObjectType) return undefined;
    const { name } = body.properties;
    return name && { types: place.types, type: name.type };
  }

  /** A POST action of a resource type; its body is undefined if it has none. */
  action(
    type: string,
    apiVersion: string,
    action: string,
  ): { readonly body: TypePlace | undefined } | undefined {
    for (const types of this.filesOf(type, apiVersion)) {
      for (const found of types) {
        if (
          found.type === TypeBaseKind.ResourceFunctionType &&
          found.resourceType.toLowerCase() === type.toLowerCase() &&
          found.name.toLowerCase() === action.toLowerCase()
        ) {
          return { body: found.input && { types, type: found.input } };
        }
      }
    }
    return undefined;
  }

  /** The files of the type's namespace at this api-version. */
  private filesOf(type: string, apiVersion: string): readonly (readonly BicepType[])[] {
    const [namespace = ""] = type.toLowerCase().split("/");
    return fs
      .readdirSync(this.folder)
      .filter((name) => {
        const [own = "", version] = name.split("@");
        return version === apiVersion && (own === namespace || own.startsWith(`${namespace}-`));
      })
      .map((name) => this.read(name));
  }

  private read(name: string): readonly BicepType[] {
    const known = this.files.get(name);
    if (known) return known;
    const types = readTypesJson(
      fs.readFileSync(path.join(this.folder, name, "types.json"), "utf8"),
    );
    this.files.set(name, types);
    return types;
  }
}

let warned = false;

/** A test with Microsoft's types; it is skipped if they are missing, and the reason is printed. */
export function testWithAzureTypes(name: string, run: (types: AzureTypes) => void): void {
  const types = AzureTypes.find();
  if (types) {
    test(name, () => run(types));
    return;
  }
  test.skip(name, () => undefined);
  if (warned) return;
  warned = true;
  // Jest hides the console of a file in which every test is skipped.
  process.stderr.write(
    `Tests with Microsoft's types of Azure's resources are skipped: there is no folder ${DEFAULT_FOLDER} ` +
      `(microsoft.network@2024-05-01/types.json and so on, from the repository Azure/bicep-types-az); ` +
      `${VARIABLE} can name another.\n`,
  );
}
