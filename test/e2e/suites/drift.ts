import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { shellQuote } from "../../../common/shell-quote";
import { FakeGh } from "../../support/fake-gh/fake-gh";
import { output, pulumi, succeed } from "../lab-driver";
import { ResourceManager } from "../resource-manager";

/** The scheduled check of the workflows with the whole program. */
export function findsDrift(): void {
  describe("the drift check", () => {
    let folder: string;
    let gh: FakeGh;
    beforeAll(() => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), "drift-"));
      gh = new FakeGh(folder);
    });
    afterAll(() => fs.rmSync(folder, { recursive: true }));

    const check = () => {
      const assignments = Object.entries(gh.environment({ PATH: "$PATH" })).map(
        // The lab's PATH, which has its Pulumi.
        ([name, value = ""]) => `${name}=${shellQuote(value).replace("$PATH", "'\"$PATH\"'")}`,
      );
      const node = "node --import tsx scripts/check-drift.ts local --issue";
      return succeed(`eval "$(./lab env)" && env ${assignments.join(" ")} ${node}`);
    };

    it("finds nothing on a lab as it was deployed", async () => {
      expect(await check()).toContain("Nothing of `local` was changed outside Pulumi.");
    });

    it("opens an issue when somebody turns the audit off and opens SSH to everyone", async () => {
      const azure = await ResourceManager.open();
      const server = (await output("serverId")).split("/").at(-1);
      const log = `Microsoft.DBforPostgreSQL/flexibleServers/${server}/configurations/pgaudit.log`;
      await azure.call("PUT", `${log}?api-version=2025-08-01`, {
        properties: { value: "NONE", source: "user-override" },
      });
      await azure.openSshToEveryone();
      await check();
      const [issue] = gh.content.issues;
      expect(issue?.body.match(/^\| update .*$/gm)).toEqual([
        expect.stringMatching(/`network-nsg` .* `securityRules/),
        expect.stringMatching(/`postgres-pgaudit-log` .* `value`/),
      ]);
    });

    it("closes it after `up --refresh`", async () => {
      await succeed(pulumi("up --yes --skip-preview --refresh"));
      expect(await check()).toContain("Closed issue 1.");
    });
  });
}
