/** How one of azure-native's resource types maps to the Resource Manager's API. */
export interface ResourceSpec {
  /** `azure-native:network:Subnet`. */
  readonly type: string;
  /** With the inputs that name the resource in braces, its own name last; `{subscriptionId}` comes from the sign-in. */
  readonly path: string;
  readonly apiVersion: string;
  /** Inputs that stand at the top of the body; all others stand in `properties`. */
  readonly envelope: readonly string[];
  /** Inputs that have another name in the body. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Whether a response's `properties` is an output as it is, instead of outputs of its own. @default false */
  readonly properties?: "whole";
  /**
   * Inputs whose change takes a new resource, beside those in the path. azure-native takes them from the API's
   * specification (azure-rest-api-specs): a top-level property whose `x-ms-mutability` is create without update, and from
   * its own list (`forceNewMap` in pulumi-azure-native's provider/pkg/gen/replacement.go). A property further down never
   * replaces by its mutability: azure-native sends the update, and Azure refuses it.
   */
  readonly replaceOn: readonly string[];
  /** Values that the SDK gives where the program gives none. To add one to a resource without it is no change. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Lists whose members may be resources of their own: what Azure shows there is an input only where the program set it. */
  readonly subResources?: readonly string[];
  /** Lists (and single values) whose members have a `properties` of their own on the wire. */
  readonly wrapped?: Readonly<Record<string, Wrapping>>;
  /** Outputs that are no inputs, by property path (`ipConfigurations[].provisioningState`). */
  readonly readOnly: readonly string[];
  /** Property paths that Azure takes and never shows: no outputs. */
  readonly writeOnly?: readonly string[];
  /** The resource stands from the start and can't be deleted; it is set back to its default. */
  readonly reset?: boolean;
}

/** What stands beside `properties` in a member, and which of its properties are wrapped again. */
export interface Wrapping {
  readonly envelope: readonly string[];
  readonly wrapped?: Readonly<Record<string, Wrapping>>;
}
