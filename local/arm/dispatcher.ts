import { ArmError, resourceGroupNotFound, resourceNotFound } from "./arm-error";
import { Operation, Operations } from "./operations";
import { parseBody } from "./request-body";
import { ArmPath, parentId, resourceKey } from "./resource-id";
import { ResourceRecord, ResourceStore } from "./resource-store";
import { Action, PutRequest, ResourceType, Shown } from "./resource-type";

const RESOURCE_GROUPS = "Microsoft.Resources/resourceGroups";

/** An answer of the API; `operation` stands where the work goes on after it. */
export interface ArmAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly operation?: Operation;
}

/** What a verb on a path does: finds the type, checks the request, runs the type's handler under its lock. */
export class Dispatcher {
  readonly operations = new Operations();
  private readonly types: ReadonlyMap<string, ResourceType>;
  private readonly locks = new Set<string>();
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(
    types: readonly ResourceType[],
    private readonly store: ResourceStore,
  ) {
    this.types = new Map(types.map((type) => [type.type.toLowerCase(), type]));
  }

  async get(path: ArmPath, apiVersion: string): Promise<ArmAnswer> {
    if (path.tail !== undefined) return this.list(path, apiVersion);
    const type = this.typeOf(path, apiVersion);
    const record = this.store.get(path.id);
    if (record) return { status: 200, body: await this.show(type, record) };
    const shown = await type.find?.(path.id, path.names);
    if (!shown) throw this.notFound(path);
    return { status: 200, body: envelope(path.id, last(path.names), type.type, shown) };
  }

  async put(path: ArmPath, apiVersion: string, body: unknown): Promise<ArmAnswer> {
    const type = this.typeOf(path, apiVersion);
    this.requireParents(type, path);
    type.requireValidName?.(last(path.names));
    const request: PutRequest<unknown> = {
      id: path.id,
      name: last(path.names),
      names: path.names,
      subscriptionId: path.subscriptionId,
      resourceGroupName: path.resourceGroupName ?? "",
      scope: path.scope,
      body: parseBody(type.schema, type.type, body),
      existing: this.store.get(path.id),
      store: this.store,
    };
    await type.validate?.(request);
    const status = request.existing ? 200 : 201;
    if (!type.asynchronous?.includes("PUT")) {
      const record = await this.locked(type, path.id, () => this.apply(type, request));
      return { status, body: await this.show(type, record) };
    }
    const operation = this.startLocked(type, path.id, async () => {
      await this.apply(type, request);
    });
    return { status: 202, operation };
  }

  async delete(path: ArmPath, apiVersion: string): Promise<ArmAnswer> {
    const type = this.typeOf(path, apiVersion);
    const record = this.store.get(path.id);
    if (!record) {
      if (type.type === RESOURCE_GROUPS) throw resourceGroupNotFound(last(path.names));
      return { status: 204 };
    }
    if (!type.asynchronous?.includes("DELETE")) {
      await this.locked(type, path.id, () => this.remove(record));
      return { status: 200 };
    }
    const operation = this.startLocked(type, path.id, () => this.remove(record));
    return { status: 202, operation };
  }

  async post(path: ArmPath, apiVersion: string, body: unknown): Promise<ArmAnswer> {
    const type = this.typeOf(path, apiVersion);
    const action = actionOf(type, path.tail);
    if (!action) {
      throw new ArmError(
        404,
        "NotFound",
        `Local Azure knows no action '${path.tail ?? ""}' of ${type.type}.`,
      );
    }
    const record = this.store.get(path.id);
    if (!record) throw this.notFound(path);
    if (!action.asynchronous) {
      return { status: 200, body: await action.run(record, body, this.store) };
    }
    const operation = this.startLocked(type, path.id, async () => {
      await action.run(record, body, this.store);
    });
    return { status: 202, operation };
  }

  /** Resources of a child type, or all of a group. */
  private async list(path: ArmPath, apiVersion: string): Promise<ArmAnswer> {
    if (path.type === undefined && path.tail?.toLowerCase() === "resources") {
      const records = this.store.below(path.id);
      return { status: 200, body: { value: await Promise.all(records.map((r) => this.shown(r))) } };
    }
    const name = path.type === undefined ? RESOURCE_GROUPS : `${path.type}/${path.tail}`;
    const type = this.requireType(name, apiVersion);
    const members = this.store.below(path.id).filter(({ type: t }) => t === type.type);
    const found = (await type.list?.(path.id)) ?? [];
    const value = [
      ...(await Promise.all(members.map((record) => this.show(type, record)))),
      ...found
        .filter(({ name: n }) => !members.some((member) => member.name === n))
        .map(({ name: n, shown }) => envelope(`${path.id}/${path.tail}/${n}`, n, type.type, shown)),
    ];
    return { status: 200, body: { value } };
  }

  private async apply(type: ResourceType, request: PutRequest<unknown>): Promise<ResourceRecord> {
    // Another request for the resource may have ended while this one waited.
    const shown = await type.put({ ...request, existing: this.store.get(request.id) });
    return this.store.put({ id: request.id, name: request.name, type: type.type, shown });
  }

  /** Deletes a resource and what is in it, the youngest first. */
  private async remove(record: ResourceRecord): Promise<void> {
    for (const member of this.store.below(record.id).reverse()) {
      const type = this.types.get(member.type.toLowerCase());
      if (type?.diesWithParent === false) continue;
      await type?.delete?.(member, this.store);
      this.store.delete(member.id);
    }
    await this.types.get(record.type.toLowerCase())?.delete?.(record, this.store);
    this.store.delete(record.id);
  }

  private async show(type: ResourceType, record: ResourceRecord): Promise<unknown> {
    const shown = type.show ? await type.show(record) : (record.shown as Shown);
    return envelope(record.id, record.name, record.type, shown);
  }

  private shown(record: ResourceRecord): Promise<unknown> {
    const type = this.types.get(record.type.toLowerCase());
    return type ? this.show(type, record) : Promise.resolve(record.shown);
  }

  private typeOf(path: ArmPath, apiVersion: string): ResourceType {
    return this.requireType(path.type ?? RESOURCE_GROUPS, apiVersion);
  }

  private requireType(name: string, apiVersion: string): ResourceType {
    const type = this.types.get(name.toLowerCase());
    if (!type) {
      throw new ArmError(
        404,
        "InvalidResourceType",
        `Local Azure has no resource type '${name}'; it has ${[...this.types.values()].map(({ type: t }) => t).join(", ")}.`,
      );
    }
    if (!type.apiVersions.includes(apiVersion)) {
      throw new ArmError(
        400,
        "NoRegisteredProviderFound",
        `No registered resource provider found for API version '${apiVersion}' of type '${type.type}'. ` +
          `The supported api-versions are '${type.apiVersions.join(", ")}'.`,
      );
    }
    return type;
  }

  private requireParents(type: ResourceType, path: ArmPath): void {
    if (path.type === undefined) return;
    const group = path.resourceGroupName;
    if (group && !this.store.get(`/subscriptions/${path.subscriptionId}/resourceGroups/${group}`)) {
      throw resourceGroupNotFound(group);
    }
    const parent = path.scope ?? type.parentOf?.(path.id) ?? parentId(path.id);
    if (parent === undefined || this.store.get(parent)) return;
    throw new ArmError(
      404,
      path.scope ? "ResourceNotFound" : "ParentResourceNotFound",
      `Failed to perform 'write' on resource '${path.id}', because the resource '${parent}' was not found.`,
    );
  }

  private notFound(path: ArmPath): ArmError {
    return path.type === undefined
      ? resourceGroupNotFound(last(path.names))
      : resourceNotFound(path.id);
  }

  private async locked<T>(type: ResourceType, id: string, work: () => Promise<T>): Promise<T> {
    const release = this.takeLock(type, id);
    try {
      return await this.inTurn(id, work);
    } finally {
      release();
    }
  }

  /** Takes the lock before it answers, so that a second request is refused at once. */
  private startLocked(type: ResourceType, id: string, work: () => Promise<void>): Operation {
    const release = this.takeLock(type, id);
    return this.operations.start(() => this.inTurn(id, work).finally(release));
  }

  /** One after the other for each resource: a client that was interrupted may ask again while the first work goes on. */
  private inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const key = resourceKey(id);
    const before = this.turns.get(key) ?? Promise.resolve();
    const turn = before.then(work);
    this.turns.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  }

  private takeLock(type: ResourceType, id: string): () => void {
    const lock = type.lock?.(id).toLowerCase();
    if (lock === undefined) return () => undefined;
    if (this.locks.has(lock)) {
      throw new ArmError(
        409,
        "ServerIsBusy",
        `Cannot complete operation because server '${last(lock.split("/"))}' is busy processing another operation.`,
      );
    }
    this.locks.add(lock);
    return () => this.locks.delete(lock);
  }
}

/** Azure takes an action's name in any letter case. */
const actionOf = ({ actions = {} }: ResourceType, name = ""): Action | undefined =>
  Object.entries(actions).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];

const envelope = (id: string, name: string, type: string, shown: Shown) => ({
  id,
  name,
  type,
  ...shown,
});

const last = (words: readonly string[]): string => words[words.length - 1] ?? "";
