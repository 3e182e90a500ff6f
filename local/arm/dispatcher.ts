import { type ArmAnswer } from "./arm-answer";
import { invalidPath } from "./arm-error";
import { Creations } from "./creations";
import { Locks, type Operation, Operations } from "./operations";
import {
  canonicalId,
  canonicalScope,
  missing,
  requireListPlace,
  requireParents,
  requirePlace,
} from "./place";
import { knownPart, parseBody, patched } from "./request-body";
import { type ArmPath } from "./resource-id";
import { type ResourceRecord, type ResourceStore } from "./resource-store";
import { type Action, type PutRequest, type ResourceType, type WriteVerb } from "./resource-type";
import { exists, findView, listViews, type ResourceView, viewOf } from "./resource-view";
import { type Timing } from "./timing";
import { RESOURCE_GROUPS } from "./resource-type-names";
import { methodNotAllowed, TypeCatalogue, verbsOf } from "./type-catalogue";

/** Answers a verb on a path: finds the type, checks the request, runs the type's handler under its lock. */
export class Dispatcher {
  readonly operations = new Operations();
  readonly types: TypeCatalogue;
  private readonly locks = new Locks();
  private readonly creations = new Creations();

  constructor(
    types: readonly ResourceType[],
    readonly store: ResourceStore,
    private readonly timing: Timing,
  ) {
    this.types = new TypeCatalogue(types);
  }

  /** Continues the deletions that the end of the process interrupted. */
  resumeDeletions(): void {
    for (const record of this.store.all()) {
      const type = record.deleting ? this.types.find(record.type) : undefined;
      if (type) this.startDeletion(type, record.id);
    }
  }

  async get(path: ArmPath, apiVersion: string): Promise<ArmAnswer> {
    if (path.tail !== undefined) return this.list(path, apiVersion);
    const type = this.target(path, apiVersion, "GET");
    return { status: 200, body: await this.view(type, path) };
  }

  /** @param ifMatch the request's If-Match, here and in the other verbs */
  async put(
    path: ArmPath,
    apiVersion: string,
    body: unknown,
    ifMatch?: string,
  ): Promise<ArmAnswer> {
    const type = this.target(path, apiVersion, "PUT");
    requireParents(this.store, type, path);
    type.requireValidName?.(last(path.names));
    const parsed = parseBody(type.schema, type.type, body);
    return this.write("PUT", type, path, () => parsed, ifMatch);
  }

  async patch(path: ArmPath, apiVersion: string, body: unknown): Promise<ArmAnswer> {
    const type = this.target(path, apiVersion, "PATCH");
    await this.view(type, path);
    const changes = type.patch && parseBody(type.patch.schema, type.type, body);
    return this.write("PATCH", type, path, (existing) => {
      const current = type.patch?.merged === false ? {} : knownPart(type.schema, existing?.shown);
      return parseBody(type.schema, type.type, patched(current, changes));
    });
  }

  async delete(path: ArmPath, apiVersion: string, ifMatch?: string): Promise<ArmAnswer> {
    const type = this.target(path, apiVersion, "DELETE");
    const record = this.store.get(path.id) ?? (await this.adopt(type, path));
    if (record) await type.validateDelete?.(record, this.store, ifMatch);
    else if (!this.creations.find(path.id)) {
      const error = missing(this.store, type, path);
      if (error.code === "ResourceGroupNotFound") throw error;
      return { status: 204 };
    }
    if (!type.asynchronous?.includes("DELETE")) {
      await this.locked(type, path.id, () => this.remove(path.id));
      return { status: 200 };
    }
    return this.startDeletion(type, path.id);
  }

  /** A resource that exists without a PUT, such as a database that was created by SQL. */
  private async adopt(type: ResourceType, path: ArmPath): Promise<ResourceRecord | undefined> {
    if (!type.find || this.creations.find(path.id)) return undefined;
    if (missing(this.store, type, path).code !== "ResourceNotFound") return undefined;
    const id = canonicalId(this.store, type, path);
    const shown = await type.find(id, path.names);
    return shown && this.store.put({ id, name: last(path.names), type: type.type, shown });
  }

  private startDeletion(type: ResourceType, id: string): ArmAnswer {
    const answer = this.start("delete", type, id, () => this.remove(id));
    this.store.setDeleting(id, true);
    void answer.operation.done.then(() => this.store.setDeleting(id, false));
    return answer;
  }

  async post(
    path: ArmPath,
    apiVersion: string,
    body: unknown,
    ifMatch?: string,
  ): Promise<ArmAnswer> {
    if (path.type !== undefined && path.names.length === 0) this.refuseList(path, "POST");
    const type = this.types.require(path.type ?? RESOURCE_GROUPS, apiVersion);
    const action = actionOf(type, path.tail);
    if (!action) {
      throw methodNotAllowed(type, path.tail === undefined ? "POST" : `action '${path.tail}'`);
    }
    const record = this.store.get(path.id);
    if (!record) throw missing(this.store, type, path);
    const parsed = action.schema ? parseBody(action.schema, type.type, body) : body;
    const run = () => action.run(record, parsed, this.store, ifMatch);
    if (!action.asynchronous) return { status: 200, body: await run() };
    if (action.failure && this.locks.isHeld(type, path.id)) {
      const failure = action.failure(record);
      return { status: 202, operation: this.operations.start(() => Promise.reject(failure)) };
    }
    return this.start(path.tail ?? "", type, path.id, run);
  }

  /** The resources of a group or of the subscription that the predicate accepts. */
  async viewsBelow(
    id: string,
    wanted: (record: ResourceRecord) => boolean,
  ): Promise<ResourceView[]> {
    const views = this.store
      .below(id)
      .filter((record) => wanted(record) && !this.creations.find(record.id))
      .map((record) => {
        const type = this.types.find(record.type);
        return type ? [viewOf(type, record)] : [];
      });
    return [...(await Promise.all(views.flat())), ...this.creations.viewsBelow(id)];
  }

  private async list(path: ArmPath, apiVersion: string): Promise<ArmAnswer> {
    const type = this.listed(path, apiVersion);
    requireListPlace(type, path);
    if (type.type !== RESOURCE_GROUPS && !type.extends) {
      requireParents(this.store, type, { ...path, id: `${path.id}/${path.tail}/any` });
    }
    return { status: 200, list: await listViews(this.store, type, path) };
  }

  /** The type that the path lists. */
  private listed(path: ArmPath, apiVersion: string): ResourceType {
    if (path.type !== undefined) {
      return this.types.require(`${path.type}/${path.tail}`, apiVersion);
    }
    const isGroups = path.names.length === 0 && path.tail?.toLowerCase() === "resourcegroups";
    if (isGroups) return this.types.require(RESOURCE_GROUPS, apiVersion);
    throw invalidPath(`${path.id}/${path.tail}`);
  }

  /** The type of the resource that the path names. */
  private target(path: ArmPath, apiVersion: string, verb: "GET" | WriteVerb): ResourceType {
    if (path.tail !== undefined) this.refuseList(path, verb);
    if (path.type === undefined && path.names.length === 0) throw invalidPath(path.id);
    const type = this.types.require(path.type ?? RESOURCE_GROUPS, apiVersion);
    if (!verbsOf(type).includes(verb)) throw methodNotAllowed(type, verb);
    requirePlace(type, path);
    return type;
  }

  /** @throws ArmError always: a list supports only GET */
  private refuseList(path: ArmPath, verb: string): never {
    const name = path.type === undefined ? RESOURCE_GROUPS : `${path.type}/${path.tail}`;
    const type = this.types.find(name);
    if (!type) throw invalidPath(`${path.id}/${path.tail}`);
    throw methodNotAllowed(type, `${verb} of the list`);
  }

  /** @throws ArmError 404 if the resource doesn't exist */
  private async view(type: ResourceType, path: ArmPath): Promise<ResourceView> {
    const creating = this.creations.find(path.id);
    if (creating) return creating;
    const record = this.store.get(path.id);
    if (record && (await exists(type, record))) return viewOf(type, record);
    const error = missing(this.store, type, path);
    const view =
      error.code === "ResourceNotFound"
        ? await findView(type, { ...path, id: canonicalId(this.store, type, path) })
        : undefined;
    if (!view) throw error;
    return view;
  }

  /** PUT and PATCH. @param bodyOf returns the PUT body, given the resource as it is at that moment */
  private async write(
    verb: "PUT" | "PATCH",
    type: ResourceType,
    path: ArmPath,
    bodyOf: (existing?: ResourceRecord) => unknown,
    ifMatch?: string,
  ): Promise<ArmAnswer> {
    const request = async (): Promise<PutRequest<unknown>> => {
      const record = this.store.get(path.id);
      const existing = record && (await exists(type, record)) ? record : undefined;
      return {
        id: canonicalId(this.store, type, path),
        name: existing?.name ?? last(path.names),
        names: path.names,
        subscriptionId: path.subscriptionId,
        resourceGroupName: path.resourceGroupName ?? "",
        scope: type.extends && canonicalScope(this.store, path),
        body: bodyOf(existing),
        existing,
        store: this.store,
        ifMatch,
      };
    };
    const first = await request();
    await type.validate?.(first);
    // Builds the request again: another one for this resource may have ended while this one waited.
    const work = async () => {
      const shown = await type.put(await request());
      const { id, name } = first;
      return viewOf(type, this.store.put({ id, name, type: type.type, shown }));
    };
    if (type.asynchronous?.includes(verb) && !(first.existing && type.synchronousUpdate)) {
      return first.existing
        ? this.startUpdate(type, first.existing, work)
        : this.startCreation(type, first, work);
    }
    const status = verb === "PUT" && !first.existing ? (type.createdStatus ?? 201) : 200;
    return { status, body: await this.locked(type, path.id, work) };
  }

  private async startUpdate(
    type: ResourceType,
    existing: ResourceRecord,
    work: () => Promise<unknown>,
  ): Promise<ArmAnswer> {
    const { status, operation } = this.start("update", type, existing.id, work);
    if (type.acceptedWithResource !== true) return { status, operation };
    const { properties, ...view } = await viewOf(type, existing);
    const body = { ...view, properties: { ...properties, provisioningState: "Updating" } };
    return { status: 200, body, operation };
  }

  private startCreation(
    type: ResourceType,
    request: PutRequest<unknown>,
    work: () => Promise<unknown>,
  ): ArmAnswer {
    const { id } = request;
    const { status, operation } = this.start("create", type, id, work);
    this.creations.add(type, request, operation.done);
    void operation.done.then(() => {
      if (operation.status === "Succeeded") type.created?.(id);
    });
    if (type.acceptedWithResource !== true) return { status, operation };
    return { status: 201, body: this.creations.find(id), operation };
  }

  /** Deletes a resource and its children, the newest first. */
  private async remove(id: string): Promise<void> {
    await this.creations.endBelow(id);
    const record = this.store.get(id);
    if (!record) return;
    for (const member of this.store.below(record.id).reverse()) {
      const type = this.types.find(member.type);
      if (type?.diesWithParent === false) continue;
      if (type?.deletedWithParent !== true) await type?.delete?.(member, this.store);
      this.store.delete(member.id);
    }
    await this.types.find(record.type)?.delete?.(record, this.store);
    this.store.delete(record.id);
  }

  private async locked<T>(type: ResourceType, id: string, work: () => Promise<T>): Promise<T> {
    const release = this.locks.take(type, id);
    try {
      return await this.locks.inTurn(id, work);
    } finally {
      release();
    }
  }

  /** Takes the lock before the response, so that a second request is refused at once. */
  private start(
    verb: string,
    type: ResourceType,
    id: string,
    work: () => Promise<unknown>,
  ): ArmAnswer & { readonly operation: Operation } {
    const release = this.locks.take(type, id);
    const timed = () => this.timing.stretch({ verb, type: type.type }, work);
    const operation = this.operations.start(() => this.locks.inTurn(id, timed).finally(release));
    operation.polledBy = type.polledBy;
    return { status: 202, operation };
  }
}

/** Azure accepts the name of an action in any letter case. */
const actionOf = ({ actions = {} }: ResourceType, name = ""): Action | undefined =>
  Object.entries(actions).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];

const last = (words: readonly string[]): string => words[words.length - 1] ?? "";
