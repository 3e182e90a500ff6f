import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A temporary folder for each test; the returned function returns its path. */
export function tempFolder(): () => string {
  let folder = "";
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "pg-audit-lab-test-"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}
