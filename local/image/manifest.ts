import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { readFileIfExists, writeFile } from "../../common/files";
import { parseJson } from "../../common/json";

/** Written last into a built folder: a hash of its inputs, and its files. */
interface Manifest {
  /** Hash of everything that the files were built from. */
  readonly key: string;
  readonly files: Readonly<Record<string, FileRecord>>;
}

interface FileRecord {
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

/** `good`; or why the folder must be built: `absent`, `outdated` (other inputs), or `damaged`. */
export type FolderCheck =
  | { readonly state: "good" | "absent" | "outdated" }
  | { readonly state: "damaged"; readonly problem: string };

const MANIFEST = "manifest.json";

/** Records the named files of a complete folder. */
export async function writeManifest(
  folder: string,
  key: string,
  names: readonly string[],
): Promise<void> {
  const files: Record<string, FileRecord> = {};
  for (const name of names) {
    const file = path.join(folder, name);
    const { size, mtimeMs } = fs.statSync(file);
    files[name] = { size, mtimeMs, sha256: await sha256OfFile(file) };
  }
  writeFile(path.join(folder, MANIFEST), JSON.stringify({ key, files } satisfies Manifest));
}

/** Identifies the content of a complete folder. */
export function manifestDigest(folder: string): string {
  return sha256Of(fs.readFileSync(path.join(folder, MANIFEST), "utf8"));
}

/**
 * Checks a folder's files against its manifest. A file with the recorded size and modification time is not read, so that
 * a check is fast; a file with another time is hashed (a copied `.lab/`).
 */
export async function checkManifest(folder: string, key: string): Promise<FolderCheck> {
  if (!fs.existsSync(folder)) return { state: "absent" };
  const manifest = parseManifest(readFileIfExists(path.join(folder, MANIFEST)));
  if (manifest === undefined) return { state: "damaged", problem: `${MANIFEST} can't be read` };
  if (manifest.key !== key) return { state: "outdated" };
  for (const [name, record] of Object.entries(manifest.files)) {
    const problem = await problemOf(path.join(folder, name), record);
    if (problem !== undefined) return { state: "damaged", problem: `${name} ${problem}` };
  }
  return { state: "good" };
}

async function problemOf(file: string, record: FileRecord): Promise<string | undefined> {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return "is missing";
  if (stat.size !== record.size) return `has ${stat.size} bytes, not ${record.size}`;
  if (stat.mtimeMs === record.mtimeMs) return undefined;
  return (await sha256OfFile(file)) === record.sha256 ? undefined : "has another checksum";
}

function parseManifest(text: string | undefined): Manifest | undefined {
  const manifest = parseJson(text ?? "") as Partial<Manifest> | undefined;
  return typeof manifest?.key === "string" && manifest.files !== undefined
    ? (manifest as Manifest)
    : undefined;
}

/** SHA-256 of a file's content, in hexadecimal. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

/** SHA-256 of a list of texts, in hexadecimal. */
export function sha256Of(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
