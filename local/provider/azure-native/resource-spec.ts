/** How a resource type of azure-native maps to the Resource Manager's API. */
export interface ResourceSpec {
  /** `azure-native:network:Subnet`. */
  readonly type: string;
  /** With the inputs that identify the resource in braces, the resource's name last. */
  readonly path: string;
  readonly apiVersion: string;
  /** Inputs at the top level of the body; all others are in `properties`. */
  readonly envelope: readonly string[];
  /** Inputs with another name in the body. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** `whole`: the response's `properties` is one output. @default each of its properties is an output */
  readonly properties?: "whole";
  /**
   * Inputs whose change replaces the resource, in addition to those in the path. azure-native's sources: top-level
   * properties whose `x-ms-mutability` is create without update in azure-rest-api-specs, and `forceNewMap` in
   * pulumi-azure-native's provider/pkg/gen/replacement.go. For a nested property azure-native sends the update, and Azure
   * refuses it.
   */
  readonly replaceOn: readonly string[];
  /** Default values of the SDK. To add one to a resource without it is no change. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Lists whose members may be separate resources: an input only where the program sets it. */
  readonly subResources?: readonly string[];
  /** Lists whose members have `properties` in the API, and objects that have. */
  readonly wrapped?: Readonly<Record<string, Wrapping>>;
  /** Lists of texts that are objects with empty members in the API: azure-native's "string sets". */
  readonly stringSets?: readonly string[];
  /** Outputs that are not inputs, by property path (`ipConfigurations[].provisioningState`). */
  readonly readOnly: readonly string[];
  /** Property paths that Azure accepts and never returns: no outputs. */
  readonly writeOnly?: readonly string[];
  /** For a resource that always exists: what is written instead of a deletion. @default it is deleted */
  readonly reset?: "default value" | "empty body";
  /** What local Azure doesn't do with the resource; a warning at its creation, also in the preview. */
  readonly notice?: string;
}

/** The properties of a member outside `properties`, those with another name in the body, and its nested members. */
export interface Wrapping {
  readonly envelope: readonly string[];
  readonly renamed?: Readonly<Record<string, string>>;
  readonly wrapped?: Readonly<Record<string, Wrapping>>;
}
