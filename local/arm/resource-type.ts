import { type z } from "zod";
import { type ResourceRecord, type ResourceStore } from "./resource-store";

/** Names in other subscriptions: the names of storage accounts and servers are unique in all of Azure. */
export type NamesTakenElsewhere = ReadonlySet<string>;

/** The verbs that change a resource. */
export type WriteVerb = "PUT" | "PATCH" | "DELETE";

/** What GET shows of a resource, besides id, name and type. */
export type Shown = Record<string, unknown> & { properties?: Record<string, unknown> };

export interface PutRequest<Body> {
  readonly id: string;
  readonly name: string;
  /** The name for each segment of the type; the last is `name`. */
  readonly names: readonly string[];
  readonly subscriptionId: string;
  /** Empty outside any resource group. */
  readonly resourceGroupName: string;
  /** The id that an extension resource extends. */
  readonly scope?: string;
  readonly body: Body;
  /** The resource before the request; undefined if it is new. */
  readonly existing?: ResourceRecord;
  readonly store: ResourceStore;
  /** The request's If-Match. */
  readonly ifMatch?: string;
}

/** A resource type of local Azure: its request bodies, what they do, and what GET shows. */
export interface ResourceType<Body = unknown> {
  /** `Microsoft.Network/virtualNetworks/subnets`. */
  readonly type: string;
  readonly apiVersions: readonly string[];
  /** The PUT body; strict, so that unknown properties are refused. */
  readonly schema: z.ZodType<Body>;
  /** Verbs that are answered with 202 at once and then continue, as on Azure. @default none */
  readonly asynchronous?: readonly WriteVerb[];
  /** Whether an accepted PUT or PATCH shows the resource, with 201 or 200 instead of 202. @default false */
  readonly acceptedWithResource?: boolean;
  /** Whether a PUT of an existing resource is answered at its end, with 200, although `asynchronous` has PUT. @default false */
  readonly synchronousUpdate?: boolean;
  /** The only header with a URL for polling its operations. @default both headers */
  readonly polledBy?: "Location";
  /** Status of a PUT that creates a resource. @default 201 */
  readonly createdStatus?: 200;
  /** Undefined if Azure has no PATCH of the type. */
  readonly patch?: Patch;
  /** False for server parameters. @default true */
  readonly deletable?: boolean;
  /**
   * For extension resources, whose ids begin with the id of another one: what they can extend.
   * `anything` is a resource, a resource group or the subscription.
   */
  readonly extends?: "resource" | "anything";
  /** The id of the resource that must exist first. @default the id without its last type and name */
  parentOf?(id: string): string;
  /** Operations with the same lock don't overlap: the second one is refused with 409 ServerIsBusy. */
  lock?(id: string): string;
  /** Refuses an invalid name; called by PUT and by checkNameAvailability. */
  requireValidName?(name: string): void;
  /** For names that are unique in all of Azure. */
  readonly nameCheck?: {
    /** Paths of checkNameAvailability, from the namespace on; `:location` matches any word. */
    readonly paths: readonly string[];
    /** Azure's reason for an invalid name. */
    readonly invalidReason: string;
    readonly takenElsewhere: NamesTakenElsewhere;
  };
  /** Refuses a PUT or PATCH before anything starts. */
  validate?(request: PutRequest<Body>): void | Promise<void>;
  /** Does the work and returns what GET shows. Can run again after a failure or a crash. */
  put(request: PutRequest<Body>): Promise<Shown> | Shown;
  /** What GET shows during the creation, without secrets. @default the resource doesn't exist until its end */
  whileCreating?(request: PutRequest<Body>): Shown;
  /** Called when the operation that created the resource has succeeded. */
  created?(id: string): void;
  /** What GET shows. @default what `put` returned */
  show?(record: ResourceRecord): Promise<Shown> | Shown;
  /** For resources that can be deleted without the Resource Manager. @default they exist */
  exists?(record: ResourceRecord): Promise<boolean>;
  /** Resources that exist without a PUT (server parameters), for GET and for lists. */
  find?(id: string, names: readonly string[]): Promise<Shown | undefined>;
  list?(parent: string): Promise<{ name: string; shown: Shown }[]>;
  /** Refuses a DELETE before anything starts. Not called if the parent or group is deleted. */
  validateDelete?(
    record: ResourceRecord,
    store: ResourceStore,
    ifMatch?: string,
  ): void | Promise<void>;
  /** Whether deleting the parent undoes the work of `put` too, so that `delete` isn't called then. @default false */
  readonly deletedWithParent?: boolean;
  /** Undoes the work of `put`. Also called for each member of a deleted group or parent. */
  delete?(record: ResourceRecord, store: ResourceStore): Promise<void>;
  /** False for diagnostic settings, which outlive their parent and group. @default true */
  readonly diesWithParent?: boolean;
  /** POST actions by Azure's names. */
  readonly actions?: Readonly<Record<string, Action>>;
}

export interface Patch {
  /** The PATCH body; strict, every property optional. */
  readonly schema: z.ZodType;
  /**
   * Whether the resource keeps the properties that the body omits. If not, PATCH acts like PUT.
   * @default true
   */
  readonly merged?: boolean;
}

export interface Action {
  readonly asynchronous?: boolean;
  /** The POST body; strict. @default any body is accepted */
  readonly schema?: z.ZodType;
  /** The operation's error while another one holds the lock. @default the request is refused with ServerIsBusy */
  failure?(record: ResourceRecord): Error;
  /** @param body as the schema parsed it */
  run(
    record: ResourceRecord,
    body: unknown,
    store: ResourceStore,
    ifMatch?: string,
  ): Promise<unknown>;
}

/** Erases the type of the body, so that all resource types fit in one list. */
export function resourceType<Body>(definition: ResourceType<Body>): ResourceType {
  return definition;
}
