import * as fs from "node:fs";
import * as path from "node:path";
import { readTrailOutputs } from "../../../../cli/access/stack-outputs";
import { UserError } from "../../../../common/user-error";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();

/** Reads a stack's outputs from a CLI that runs this script. */
function read(script: string) {
  fs.writeFileSync(path.join(folder(), "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return readTrailOutputs({
    stack: "dev",
    env: { ...process.env, PATH: `${folder()}:${process.env.PATH}` },
  });
}

describe("a stack's outputs", () => {
  test("without the passphrase are an error that says how to set it", async () => {
    // The text of pulumi 3.230.
    const reading = read(
      "echo 'error: constructing secrets manager of type \"passphrase\": constructing secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables' >&2; exit 255",
    );
    await expect(reading).rejects.toThrow(UserError);
    await expect(reading).rejects.toThrow(/export PULUMI_CONFIG_PASSPHRASE_FILE=/);
  });

  test("that are missing are named, with what to do", async () => {
    const reading = read('echo \'{"serverId":"/s"}\'');
    await expect(reading).rejects.toThrow(
      "The stack dev has no output resourceGroupName, storageAccountName, containerName, blobEndpoint: it isn't up.",
    );
  });

  test("without the CLI are an error", async () => {
    await expect(readTrailOutputs({ stack: "dev", env: { PATH: folder() } })).rejects.toThrow(
      "pulumi stack output: the Pulumi CLI isn't on PATH",
    );
  });
});
