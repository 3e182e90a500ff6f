/** How one of azure-native's resource types maps to the Resource Manager's API. */
export interface ResourceSpec {
  /** `azure-native:network:Subnet`. */
  readonly type: string;
  /** With the inputs that name the resource in braces; `{subscriptionId}` comes from the sign-in. */
  readonly path: string;
  readonly apiVersion: string;
  /** Inputs that stand at the top of the body; all others stand in `properties`. */
  readonly envelope: readonly string[];
  /** Inputs that have another name in the body. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** The input that gets a name where none is given. */
  readonly named?: { readonly input: string; readonly style?: NameStyle };
  readonly replaceOn: readonly string[];
  /** Lists (and single values) whose members have a `properties` of their own on the wire. */
  readonly wrapped?: Readonly<Record<string, Wrapping>>;
  /** Properties of the response that are no inputs: left out when a resource is imported. */
  readonly readOnly: readonly string[];
  /** Properties that Azure takes and never shows: kept from the inputs. */
  readonly writeOnly?: readonly string[];
  /** The resource can't be deleted; it is set back to its default. */
  readonly reset?: boolean;
}

/** How a name is made of the resource's own and eight random hex digits. */
export type NameStyle = "plain" | "lower-alphanumeric" | "uuid";

/** What stands beside `properties` in a member, and which of its properties are wrapped again. */
export interface Wrapping {
  readonly envelope: readonly string[];
  readonly wrapped?: Readonly<Record<string, Wrapping>>;
}
