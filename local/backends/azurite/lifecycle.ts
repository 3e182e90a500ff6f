import { type BlobItem, type BlobServiceClient, RestError } from "@azure/storage-blob";
import { type LifecycleRule } from "./storage-retention";

/** Azure's and the service's names of the types of blobs. */
const BLOB_TYPES: Readonly<Record<string, string>> = {
  AppendBlob: "appendBlob",
  BlockBlob: "blockBlob",
};

/**
 * Deletes the blobs that the rules of an account's lifecycle policy name; immutable ones stay.
 * Source: Azure's "Azure Blob Storage lifecycle management overview", known issues.
 * @param ageDays how old what was written at a time is
 * @returns `<container>/<blob>` of each deleted blob
 */
export async function deleteExpiredBlobs(
  service: BlobServiceClient,
  rules: readonly LifecycleRule[],
  ageDays: (time: Date) => number,
): Promise<string[]> {
  const deleted: string[] = [];
  if (rules.length === 0) return deleted;
  for await (const { name } of service.listContainers()) {
    const container = service.getContainerClient(name);
    for await (const blob of container.listBlobsFlat()) {
      const place = `${name}/${blob.name}`;
      if (!rules.some((rule) => isExpired(rule, place, blob, ageDays))) continue;
      if (await isDeleted(() => container.deleteBlob(blob.name))) deleted.push(place);
    }
  }
  return deleted;
}

function isExpired(
  { days, since, blobTypes, prefixes }: LifecycleRule,
  place: string,
  { properties: { blobType, createdOn, lastModified } }: BlobItem,
  ageDays: (time: Date) => number,
): boolean {
  const from = since === "creation" ? (createdOn ?? lastModified) : lastModified;
  return (
    blobTypes.includes(BLOB_TYPES[blobType ?? ""] ?? "") &&
    (prefixes.length === 0 || prefixes.some((prefix) => place.startsWith(prefix))) &&
    ageDays(from) > days
  );
}

async function isDeleted(remove: () => Promise<unknown>): Promise<boolean> {
  try {
    await remove();
    return true;
  } catch (error) {
    if (error instanceof RestError && [404, 409].includes(error.statusCode ?? 0)) return false;
    throw error;
  }
}
