import * as fs from "node:fs";
import * as path from "node:path";

const OTHERS_READ = 0o004;
const OTHERS_WRITE = 0o002;
const OTHERS_ENTER = 0o001;

/**
 * What another local user could read or connect to below a place: files that others may read, and sockets that others may
 * write to, in folders that others may enter. The folders above the place are taken to be open.
 */
export function exposedFiles(place: string): string[] {
  const stat = fs.lstatSync(place, { throwIfNoEntry: false });
  if (!stat || stat.isSymbolicLink()) return [];
  if (!stat.isDirectory()) {
    const right = stat.isSocket() ? OTHERS_WRITE : OTHERS_READ;
    return (stat.mode & right) === 0 ? [] : [place];
  }
  if ((stat.mode & OTHERS_ENTER) === 0) return [];
  return fs
    .readdirSync(place)
    .sort()
    .flatMap((name) => exposedFiles(path.join(place, name)));
}
