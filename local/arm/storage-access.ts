import { type Grant, type StorageAccess } from "../backends/azurite/storage-access";
import { type StorageBackend } from "../backends/storage-accounts";
import { AccessControl, type Assignment, isWithin } from "./access-control";
import { type ResourceRecord, type ResourceStore } from "./resource-store";
import { STORAGE_ACCOUNTS } from "./resource-type-names";
import { Timing } from "./timing";

const EVERYTHING = [{ actions: ["*"], dataActions: ["*"] }];

/**
 * Keeps the storage backend's roles and accounts without keys as the resources say.
 * @param ownerId object id of the subscription's owner, who reads and writes all data. On Azure the owner needs a role for that.
 */
export function keepStorageAccess(
  store: ResourceStore,
  storage: Pick<StorageBackend, "setAccess">,
  ownerId: string,
  timing = new Timing(),
): void {
  const access = new AccessControl(store, timing);
  const owner: Grant = { principalId: ownerId, since: 0, permissions: EVERYTHING };
  const update = () => {
    const assignments = access.assignments();
    const accounts = store.ofType(STORAGE_ACCOUNTS).map((account) => [
      account.name,
      {
        allowsSharedKey: allowsSharedKey(account),
        grants: [owner, ...assignments.flatMap((assignment) => grantIn(account, assignment))],
      },
    ]);
    storage.setAccess(Object.fromEntries(accounts) as StorageAccess);
  };
  store.onSave(update);
  update();
}

/** Undefined counts as true. Source: Azure Storage, "Prevent Shared Key authorization". */
const allowsSharedKey = ({ shown }: ResourceRecord): boolean =>
  (shown.properties as { allowSharedKeyAccess?: boolean }).allowSharedKeyAccess !== false;

/** An assignment for the account, for what contains it, or for one of its containers. */
function grantIn(account: ResourceRecord, { scope, ...grant }: Assignment): Grant[] {
  if (isWithin(account.id, scope)) return [grant];
  if (!isWithin(scope, account.id)) return [];
  const [, container] = /\/blobServices\/default\/containers\/([^/]+)$/i.exec(scope) ?? [];
  return container === undefined ? [] : [{ ...grant, container }];
}
