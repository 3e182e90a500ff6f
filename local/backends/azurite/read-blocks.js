/**
 * Loaded into Azurite's process at its start (`node --require`): how Azurite reads a blob that consists of blocks.
 *
 * Azurite 3.35.0 opens the file of each block before it sends the first byte, 3,025 handles for a blob of 3,000 appends,
 * and never closes them if the client ends the download early, which rclone and blobfuse2 do: three such reads left 8,757
 * handles open until Azurite ended. Source: its FSExtentStore.readExtents and serializer.js; issue 1967 of Azure/Azurite.
 * Here neighbouring blocks are read together, and no file stays open between two reads.
 *
 * BLOCKS_PER_APPEND_BLOB lowers the limit of 50,000 blocks per append blob, for tests.
 */
const fs = require("node:fs");
const { Readable } = require("node:stream");
const { default: FSExtentStore } = require("azurite/dist/src/common/persistence/FSExtentStore");
const { ZERO_EXTENT_ID } = require("azurite/dist/src/blob/persistence/IBlobMetadataStore");
const constants = require("azurite/dist/src/blob/utils/constants");

const READ_BYTES = 256 * 1024;

if (typeof FSExtentStore.prototype.readExtents !== "function") {
  throw new Error(
    "This version of Azurite has no FSExtentStore.readExtents; local Azure needs 3.35.0.",
  );
}

/** The same parameters, result and error as Azurite's own. */
FSExtentStore.prototype.readExtents = async function (chunks, offset = 0, count = Infinity) {
  const end = offset + count;
  const parts = [];
  let position = 0;
  for (const chunk of chunks) {
    const skipped = Math.max(0, offset - position);
    const taken = Math.min(chunk.count, end - position);
    if (taken > skipped) {
      const file = chunk.id === ZERO_EXTENT_ID ? undefined : await fileOf(this, chunk.id);
      addPart(parts, { file, start: chunk.offset + skipped, end: chunk.offset + taken });
    }
    position += chunk.count;
    if (position >= end) break;
  }
  if (end !== Infinity && position < end) {
    throw new RangeError(`The blob has ${position} bytes; the range ends at ${end}.`);
  }
  return Readable.from(readParts(parts), { objectMode: false });
};

async function fileOf(store, extent) {
  return store.generateExtentPath(await store.metadataStore.getExtentLocationId(extent), extent);
}

/** Joins a part with the one before it where it continues there. */
function addPart(parts, part) {
  const last = parts.at(-1);
  if (last?.file === part.file && last.end === part.start) last.end = part.end;
  else parts.push(part);
}

async function* readParts(parts) {
  for (const { file, start, end } of parts) {
    for (let position = start; position < end;) {
      const length = Math.min(READ_BYTES, end - position);
      const bytes =
        file === undefined ? Buffer.alloc(length) : await readAt(file, position, length);
      yield bytes;
      position += bytes.length;
    }
  }
}

async function readAt(file, position, length) {
  const handle = await fs.promises.open(file, "r");
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
    if (bytesRead === 0) throw new Error(`${file} ends before byte ${position + length}`);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

if (process.env.BLOCKS_PER_APPEND_BLOB !== undefined) {
  constants.MAX_APPEND_BLOB_BLOCK_COUNT = Number(process.env.BLOCKS_PER_APPEND_BLOB);
}
