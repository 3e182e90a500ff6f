/**
 * Loaded into Azurite's process at its start (`node --require`): who may do what.
 *
 * Azurite 3.35.0 checks of a token neither its signature nor its holder's roles, and accepts an account's keys always.
 * STORAGE_ACCESS names the file with the lab's public key, the roles, and the accounts that accept no keys; it is read again
 * whenever it has changed. Source of the codes and texts: the REST API's "Common REST API error codes".
 */
const { readFileSync, statSync } = require("node:fs");
const { verify } = require("jsonwebtoken");
const authenticators = "azurite/dist/src/blob/authentication";
const { default: AccountSas } = require(`${authenticators}/AccountSASAuthenticator`);
const { default: BlobSas } = require(`${authenticators}/BlobSASAuthenticator`);
const { default: SharedKey } = require(`${authenticators}/BlobSharedKeyAuthenticator`);
const { default: BearerToken } = require(`${authenticators}/BlobTokenAuthenticator`);
const { default: BlobStorageContext } = require("azurite/dist/src/blob/context/BlobStorageContext");
const { default: StorageError } = require("azurite/dist/src/blob/errors/StorageError");
const { default: Errors } = require("azurite/dist/src/blob/errors/StorageErrorFactory");
const { Operation } = require("azurite/dist/src/blob/generated/artifacts/operation");

if (typeof BearerToken.prototype.authenticateBasic !== "function") {
  throw new Error(
    "This version of Azurite has no BlobTokenAuthenticator.authenticateBasic; local Azure needs 3.35.0.",
  );
}

const CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers";
const BLOBS = `${CONTAINERS}/blobs`;
const MOST_TOKENS = 100;

let access = { readAt: "", publicKey: "", platformId: "", accounts: {} };
/** The object ids of tokens whose signature was right. */
let holders = new Map();

function currentAccess() {
  const { mtimeMs, ino } = statSync(process.env.STORAGE_ACCESS);
  const readAt = `${mtimeMs} ${ino}`;
  if (access.readAt !== readAt) {
    access = { readAt, ...JSON.parse(readFileSync(process.env.STORAGE_ACCESS, "utf8")) };
    holders = new Map();
  }
  return access;
}

refuseWithoutSharedKey(SharedKey, (request) =>
  request.getHeader("authorization")?.startsWith("SharedKey"),
);
// A user delegation SAS, which names its key's owner, isn't made with an account's key.
const isKeySas = (request) =>
  request.getQuery("sig") !== undefined && request.getQuery("skoid") === undefined;
refuseWithoutSharedKey(AccountSas, isKeySas);
refuseWithoutSharedKey(BlobSas, isKeySas);

function refuseWithoutSharedKey(Authenticator, isUsed) {
  const { validate } = Authenticator.prototype;
  Authenticator.prototype.validate = async function (request, context) {
    const { account, contextId } = new BlobStorageContext(context);
    if (isUsed(request) && currentAccess().accounts[account]?.allowsSharedKey === false) {
      throw new StorageError(
        403,
        "KeyBasedAuthenticationNotPermitted",
        "Key based authentication is not permitted on this storage account.",
        contextId,
      );
    }
    if (isUsed(request)) refuseEnded(request.getQuery("se"), contextId);
    return validate.call(this, request, context);
  };
}

/** Azurite's error for a signature that has ended doesn't tell it from one that is wrong. */
function refuseEnded(end, contextId) {
  if (end === undefined || Date.parse(end) > Date.now()) return;
  const [expiry, current] = [new Date(end), new Date()].map((time) => time.toUTCString());
  throw Errors.getAuthenticationFailed(
    contextId,
    `Signature not valid in the specified time frame: Expiry [${expiry}] - Current [${current}]`,
  );
}

const { authenticateBasic, validate: validateToken } = BearerToken.prototype;
/** Last of all: a signature that is still there was made with no key of the account. Azurite calls it malformed. */
BearerToken.prototype.validate = async function (request, context) {
  if (request.getHeader("authorization")?.startsWith("SharedKey")) {
    throw Errors.getAuthenticationFailed(context.contextId);
  }
  return validateToken.call(this, request, context);
};

/** The same parameters, result and errors as Azurite's own, which checks time, issuer and audience. */
BearerToken.prototype.authenticateBasic = async function (token, context) {
  await authenticateBasic.call(this, token, context);
  const { account, container, operation, contextId } = new BlobStorageContext(context);
  const principalId = holderOf(token);
  if (principalId === undefined) {
    throw Errors.getAuthenticationFailed(contextId, "Signature validation failed.");
  }
  const { platformId, accounts } = currentAccess();
  if (principalId === platformId) return true;
  const now = Date.now();
  const isGranted = (accounts[account]?.grants ?? []).some(
    (grant) =>
      grant.principalId === principalId &&
      now >= grant.since &&
      (grant.container === undefined || grant.container === container) &&
      grant.permissions.some((role) => allows(role, needOf(operation))),
  );
  if (!isGranted) throw Errors.getAuthorizationPermissionMismatch(contextId);
  return true;
};

/** Undefined for a token that the lab hasn't signed. */
function holderOf(token) {
  const { publicKey } = currentAccess();
  if (!holders.has(token)) {
    if (holders.size >= MOST_TOKENS) holders.clear();
    holders.set(token, objectIdOf(token, publicKey));
  }
  return holders.get(token);
}

function objectIdOf(token, publicKey) {
  try {
    return verify(token, publicKey, { algorithms: ["RS256"] }).oid;
  } catch {
    return undefined;
  }
}

/** What an operation needs. Source: Azure Storage, "Permissions for calling data operations", of blobs. */
function needOf(operation) {
  const name = Operation[operation] ?? "";
  if (
    /^(Blob_(Download|Get|Query)|(BlockBlob|PageBlob)_Get|Container_(ListBlob|Filter))/.test(name)
  )
    return { dataAction: `${BLOBS}/read` };
  if (/^(Blob_(Delete|Undelete))$/.test(name)) return { dataAction: `${BLOBS}/delete` };
  if (/^(Append|Block|Page)?Blob_/.test(name)) return { dataAction: `${BLOBS}/write` };
  if (/^(Container_Get|Service_ListContainers)/.test(name)) return { action: `${CONTAINERS}/read` };
  if (name === "Container_Delete") return { action: `${CONTAINERS}/delete` };
  if (name.startsWith("Container_")) return { action: `${CONTAINERS}/write` };
  const verb = /_Set/.test(name) ? "write" : "read";
  return { action: `Microsoft.Storage/storageAccounts/blobServices/${verb}` };
}

function allows(role, { action, dataAction }) {
  const [allowed, denied, needed] =
    action === undefined
      ? [role.dataActions, role.notDataActions, dataAction]
      : [role.actions, role.notActions, action];
  const names = (patterns = []) => patterns.some((pattern) => matches(pattern, needed));
  return names(allowed) && !names(denied);
}

function matches(pattern, action) {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(action);
}
