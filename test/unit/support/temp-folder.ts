import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A folder for each test of the file, gone after it; call it to get the current one's path. */
export function tempFolder(): () => string {
  let folder = "";
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "pg-audit-lab-test-"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}
