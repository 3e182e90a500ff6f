import * as fs from "node:fs";
import * as path from "node:path";
import writeFileAtomic from "write-file-atomic";

/** Writes the whole file or nothing, and creates its folder; `mode` defaults to 0o644. */
export function writeFile(file: string, content: string | Buffer, mode = 0o644): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  writeFileAtomic.sync(file, content, { mode });
}

/** Writes a secret: a file with mode 600 in a folder with mode 700. */
export function writeSecretFile(file: string, content: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileAtomic.sync(file, content, { mode: 0o600 });
}

/** The file's text, or undefined where the file doesn't exist. */
export function readFileIfExists(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Closes a folder to other users of this machine, and creates it where it is missing. */
export function closeToOthers(folder: string): void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  fs.chmodSync(folder, 0o700);
}
