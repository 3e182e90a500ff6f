import { type z } from "zod";
import { type ResourceRecord, type ResourceStore } from "./resource-store";

/** Names that resources outside this subscription have; names of storage accounts and servers are unique in all of Azure. */
export type NamesTakenElsewhere = ReadonlySet<string>;

/** The verbs that change a resource. */
export type WriteVerb = "PUT" | "PATCH" | "DELETE";

/** What GET shows of a resource beside id, name and type. */
export type Shown = Record<string, unknown> & { properties?: Record<string, unknown> };

export interface PutRequest<Body> {
  readonly id: string;
  readonly name: string;
  /** Names of all the type's segments; the last is `name`. */
  readonly names: readonly string[];
  readonly subscriptionId: string;
  /** Empty for what stands outside any resource group. */
  readonly resourceGroupName: string;
  /** The resource that an extension resource is about. */
  readonly scope?: string;
  readonly body: Body;
  /** The resource as it stands, where there is one. */
  readonly existing?: ResourceRecord;
  readonly store: ResourceStore;
}

/** One resource type of the emulation: its bodies, what they do, and what is shown of them. */
export interface ResourceType<Body = unknown> {
  /** `Microsoft.Network/virtualNetworks/subnets`. */
  readonly type: string;
  readonly apiVersions: readonly string[];
  /** The PUT body; strict, so that an unknown property is refused. */
  readonly schema: z.ZodType<Body>;
  /** Verbs that are answered with 202 at once and work on, as Azure's of the type do. @default none */
  readonly asynchronous?: readonly WriteVerb[];
  /** Where its operations are watched at only; both URLs are in the answer otherwise. */
  readonly polledBy?: "Location";
  /** Status of a PUT that makes a resource. @default 201 */
  readonly createdStatus?: 200;
  /** What PATCH changes; absent where Azure has no PATCH of the type. */
  readonly patch?: Patch;
  /** Whether it can be deleted. A server parameter can't. @default true */
  readonly deletable?: boolean;
  /**
   * For a type whose resources are about another one and stand under its id: what it can be about.
   * `anything` is a resource, a resource group or the subscription.
   */
  readonly extends?: "resource" | "anything";
  /** The resource that has to stand first. @default the id without its last type and name */
  parentOf?(id: string): string;
  /** Operations with the same lock don't overlap; the second one gets 409 ServerIsBusy. */
  lock?(id: string): string;
  /** Refuses a name that breaks the type's rule; asked by PUT and by checkNameAvailability. */
  requireValidName?(name: string): void;
  /** For names that are unique in all of Azure. */
  readonly nameCheck?: {
    /** Paths of checkNameAvailability, from the namespace on; `:location` stands for any word. */
    readonly paths: readonly string[];
    /** Azure's reason for a name that breaks the rule. */
    readonly invalidReason: string;
    /** Names that stand in other subscriptions. */
    readonly takenElsewhere: NamesTakenElsewhere;
  };
  /** Refuses a request before anything starts. */
  validate?(request: PutRequest<Body>): void | Promise<void>;
  /** Does the work and gives what is shown once it is done. It is run again after a failure or a crash. */
  put(request: PutRequest<Body>): Promise<Shown> | Shown;
  /** Told when the operation that made the resource has succeeded. */
  created?(id: string): void;
  /** What GET shows, where it isn't simply what PUT left. */
  show?(record: ResourceRecord): Promise<Shown> | Shown;
  /** Members that exist without a PUT (server parameters): found by GET and list. */
  find?(id: string, names: readonly string[]): Promise<Shown | undefined>;
  list?(parent: string): Promise<{ name: string; shown: Shown }[]>;
  /** Refuses a DELETE before anything starts. Not asked where the resource goes with its parent or group. */
  validateDelete?(record: ResourceRecord, store: ResourceStore): void;
  /** Undoes what PUT did behind the API. Also called for each member of a deleted group or parent. */
  delete?(record: ResourceRecord, store: ResourceStore): Promise<void>;
  /** Whether it goes with its parent or group. A diagnostic setting doesn't. @default true */
  readonly diesWithParent?: boolean;
  /** POST actions by Azure's names. */
  readonly actions?: Readonly<Record<string, Action>>;
}

export interface Patch {
  /** The PATCH body; strict, every property optional. */
  readonly schema: z.ZodType;
  /**
   * Whether what the body leaves out stays as it stands. Where it doesn't, the body is a PUT body of its own.
   * @default true
   */
  readonly merged?: boolean;
}

export interface Action {
  readonly asynchronous?: boolean;
  /** The POST body; strict. @default a body is not looked at */
  readonly schema?: z.ZodType;
  /** What the operation fails with while another has the lock. @default the request is refused with ServerIsBusy */
  failure?(record: ResourceRecord): Error;
  /** @param body as the schema gives it */
  run(record: ResourceRecord, body: unknown, store: ResourceStore): Promise<unknown>;
}

/** Keeps a resource type's body type out of the table of all types. */
export function resourceType<Body>(definition: ResourceType<Body>): ResourceType {
  return definition;
}
