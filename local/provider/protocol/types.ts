import type { EngineLog } from "./engine-log";

/** Property values as plain JavaScript, without secrets and references; `UNKNOWN` for unknown values in a preview. */
export type Inputs = Record<string, unknown>;

/** The common part of all requests about a resource. */
export interface ResourceRequest {
  readonly urn: string;
  /** The type token, for example `command:remote:Command`. */
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  /** Shows messages at this resource in the terminal. */
  readonly log: EngineLog;
}

/** The further part of a request that may take long. */
export interface Cancellable {
  /** The resource's custom timeout; 0 is none. */
  readonly timeoutSeconds: number;
  /** Aborts when the update is cancelled or the custom timeout is over. */
  readonly signal: AbortSignal;
}

export interface CheckRequest extends ResourceRequest {
  /** The inputs of the last update; empty for a new resource. */
  readonly olds: Inputs;
  readonly news: Inputs;
  /** The same in the preview and the update of a resource, for automatic names; may be empty. */
  readonly randomSeed: Uint8Array;
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface CheckResult {
  /** The inputs for `diff`, `create` and `update`, with defaults and names filled in. */
  readonly inputs: Inputs;
  readonly failures?: readonly CheckFailure[];
}

export interface DiffRequest extends ResourceRequest {
  readonly id: string;
  readonly oldInputs: Inputs;
  /** The outputs of the last update. */
  readonly olds: Inputs;
  readonly news: Inputs;
  /** Already applied to `news` by the engine. */
  readonly ignoreChanges: readonly string[];
}

export interface PropertyChange {
  /** A property path, `a.b[0].c`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  /** Whether the change replaces the resource. @default false */
  readonly replaces?: boolean;
}

export interface DiffResult {
  readonly changes: readonly PropertyChange[];
  /** @default false: the new resource is created first */
  readonly deleteBeforeReplace?: boolean;
}

export interface CreateRequest extends ResourceRequest, Cancellable {
  readonly inputs: Inputs;
  /** Top-level properties whose value is, or contains, a secret. */
  readonly secretInputs: ReadonlySet<string>;
  readonly preview: boolean;
}

export interface CreateResult {
  /** Empty in a preview. */
  readonly id: string;
  /** In a preview, a missing output is unknown. */
  readonly outputs: Inputs;
}

export interface ReadRequest extends ResourceRequest, Cancellable {
  readonly id: string;
  /** Undefined when the resource is imported. */
  readonly inputs?: Inputs;
  readonly state?: Inputs;
}

export interface ReadResult {
  readonly id: string;
  readonly inputs: Inputs;
  readonly outputs: Inputs;
}

export interface UpdateRequest extends ResourceRequest, Cancellable {
  readonly id: string;
  readonly oldInputs: Inputs;
  /** The outputs of the last update. */
  readonly olds: Inputs;
  readonly news: Inputs;
  readonly secretInputs: ReadonlySet<string>;
  readonly preview: boolean;
}

export interface DeleteRequest extends ResourceRequest, Cancellable {
  readonly id: string;
  readonly inputs: Inputs;
  readonly state: Inputs;
}

/**
 * One resource type. An exception fails the step with its message; after `PartialFailure` the engine records the resource.
 * An output with the name of a secret input is marked secret again; `secret()` marks others.
 */
export interface ResourceHandler {
  /** @default the new inputs, unchanged */
  check?(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<DiffResult>;
  create(request: CreateRequest): Promise<CreateResult>;
  /** Undefined: the resource doesn't exist. @default the recorded state; such a type can't be imported */
  read?(request: ReadRequest): Promise<ReadResult | undefined>;
  /** Returns the new outputs. Optional where every change replaces the resource. */
  update?(request: UpdateRequest): Promise<Inputs>;
  delete(request: DeleteRequest): Promise<void>;
}

/** A function of the provider, such as `tls:index/getPublicKey:getPublicKey`. */
export type Invoke = (args: Inputs) => Promise<Inputs>;

export interface ProviderDefinition {
  /** The package's name, for example `command`. */
  readonly name: string;
  readonly version: string;
  /** Whether `create` and `update` are called in previews too. */
  readonly supportsPreview: boolean;
  /** Receives the provider's configuration; keys without the package's prefix. An exception ends the update. */
  configure?(variables: Readonly<Record<string, string>>): Promise<void>;
  readonly resources: (type: string) => ResourceHandler | undefined;
  readonly invokes: (token: string) => Invoke | undefined;
  /** Called once at the end of the process. */
  close?(): void;
}

/** The resource exists after a failure: the engine records it, and the next `up` updates it. */
export class PartialFailure extends Error {
  constructor(
    readonly id: string,
    readonly outputs: Inputs,
    readonly reasons: readonly string[],
    /** @default the inputs of the request */
    readonly inputs?: Inputs,
  ) {
    super(reasons.join("; "));
    this.name = "PartialFailure";
  }
}
