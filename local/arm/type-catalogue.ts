import { ArmError } from "./arm-error";
import { type ResourceType } from "./resource-type";
import { SEE_COVERAGE } from "./verbs";

/** Every resource type of local Azure, found by name in any letter case. */
export class TypeCatalogue {
  private readonly types: ReadonlyMap<string, ResourceType>;

  constructor(types: readonly ResourceType[]) {
    this.types = new Map(types.map((type) => [type.type.toLowerCase(), type]));
  }

  all(): ResourceType[] {
    return [...this.types.values()];
  }

  find(name: string): ResourceType | undefined {
    return this.types.get(name.toLowerCase());
  }

  /** @throws ArmError 404 for a type that local Azure hasn't, 400 for an api-version that the type hasn't */
  require(name: string, apiVersion: string): ResourceType {
    const type = this.find(name);
    if (!type) {
      throw new ArmError(
        404,
        "InvalidResourceType",
        `Local Azure has no resource type '${name}'; it has ${this.all()
          .map(({ type: known }) => known)
          .join(", ")}. ${SEE_COVERAGE}`,
      );
    }
    requireApiVersion(type.apiVersions, apiVersion, `type '${type.type}'`);
    return type;
  }
}

/** @throws ArmError 400 NoRegisteredProviderFound, which lists the versions that there are */
export function requireApiVersion(
  supported: readonly string[],
  apiVersion: string,
  of: string,
): void {
  if (supported.includes(apiVersion)) return;
  throw new ArmError(
    400,
    "NoRegisteredProviderFound",
    `No registered resource provider found for API version '${apiVersion}' of ${of}. ` +
      `The supported api-versions are '${supported.join(", ")}'.`,
  );
}
