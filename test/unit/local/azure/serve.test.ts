import execa from "execa";
import * as fs from "node:fs";
import * as path from "node:path";
import { PROJECT_ROOT } from "../../../../local/paths";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();

test("invalid faults are an error before anything is started", async () => {
  const fault = { method: "PUT", type: "Microsoft.Web/sites", effect: { kind: "drop" } };
  const { exitCode, stderr } = await execa(
    process.execPath,
    ["local/bin/local-azure.js", "serve"],
    {
      cwd: PROJECT_ROOT,
      env: { LAB_DIR: folder(), LOCAL_AZURE_FAULTS: JSON.stringify([fault]) },
      reject: false,
    },
  );
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/'Microsoft.Web\/sites' is not a resource type of local Azure/);
  expect(fs.readdirSync(path.join(folder(), "run"))).toEqual([]);
});
