/**
 * Loaded into Azurite's process at its start (`node --require`): containers with a time-based retention policy, which Azurite
 * 3.35.0 doesn't have. RETENTION_FILE names the file that StorageRetention writes.
 *
 * Sources: Azure's "Container-level write once, read many (WORM) policies", the prohibited operations and what protected
 * append writes allow; codes and texts of the REST API's "Blob service error codes" and of azure-powershell 26148.
 */
const fs = require("node:fs");
const {
  default: LokiBlobMetadataStore,
} = require("azurite/dist/src/blob/persistence/LokiBlobMetadataStore");
const { default: StorageError } = require("azurite/dist/src/blob/errors/StorageError");

const DAY_MILLISECONDS = 24 * 60 * 60_000;

const of = ({ accountName, containerName, name, blobName = name }) => [
  accountName,
  containerName,
  blobName,
];
const named = (account, container, blob) => [account, container, blob];

/** The blob that a call of the store changes, from the call's arguments after the context. */
const WRITES = {
  createBlob: of,
  commitBlockList: of,
  startCopyFromURL: (_source, { account, container, blob }) => [account, container, blob],
  copyFromURL: (_source, { account, container, blob }) => [account, container, blob],
  createSnapshot: named,
  setBlobHTTPHeaders: named,
  setBlobMetadata: named,
  uploadPages: of,
  clearRange: of,
  resizePageBlob: named,
  updateSequenceNumber: named,
  appendBlock: of,
  deleteBlob: named,
};

for (const [method, blobOf] of Object.entries(WRITES)) {
  const original = LokiBlobMetadataStore.prototype[method];
  if (typeof original !== "function") {
    throw new Error(`This version of Azurite has no ${method}; local Azure needs 3.35.0.`);
  }
  LokiBlobMetadataStore.prototype[method] = async function (context, ...args) {
    if (!createsOnly(method, args) && isRefused(this, method, blobOf(...args))) {
      throw new StorageError(
        409,
        "BlobImmutableDueToPolicy",
        "This operation is not permitted as the blob is immutable due to a policy.",
        context.contextId,
      );
    }
    return original.call(this, context, ...args);
  };
}

const deleteContainer = LokiBlobMetadataStore.prototype.deleteContainer;
/** Only the Resource Manager deletes such a container; it removes the policy first. */
LokiBlobMetadataStore.prototype.deleteContainer = async function (context, account, name, options) {
  if (retention().immutable[account]?.[name]) {
    throw new StorageError(
      409,
      "ContainerImmutabilityPolicyLocked",
      "The requested operation is not allowed as the container has a locked immutability policy.",
      context.contextId,
    );
  }
  return deleteContainer.call(this, context, account, name, options);
};

/** With `If-None-Match: *` Azurite itself refuses a blob that exists. */
const createsOnly = (method, [, , conditions]) =>
  method === "createBlob" && conditions?.ifNoneMatch === "*";

function isRefused(store, method, [account, container, blob]) {
  const { immutable, moves } = retention();
  const policy = immutable[account]?.[container];
  if (!policy) return false;
  const existing = store.db.getCollection(store.BLOBS_COLLECTION).findOne({
    accountName: account,
    containerName: container,
    name: blob,
    snapshot: "",
  });
  if (!existing?.isCommitted) return false;
  if (method === "appendBlock") return !policy.allowsAppends;
  if (method !== "deleteBlob") return true;
  const { creationTime, lastModified } = existing.properties;
  const isAppended = policy.allowsAppends && existing.properties.blobType === "AppendBlob";
  const since = new Date(isAppended ? lastModified : (creationTime ?? lastModified)).getTime();
  const passed = moves.reduce((sum, { at, days }) => sum + (at > since ? days : 0), 0);
  return (Date.now() - since) / DAY_MILLISECONDS + passed < policy.days;
}

const NONE = { moves: [], immutable: {} };
let read = { stamp: "", retention: NONE };

function retention() {
  const stat = fs.statSync(process.env.RETENTION_FILE, { throwIfNoEntry: false });
  if (!stat) return NONE;
  const stamp = `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  if (stamp !== read.stamp) {
    const text = fs.readFileSync(process.env.RETENTION_FILE, "utf8");
    read = { stamp, retention: JSON.parse(text) };
  }
  return read.retention;
}
