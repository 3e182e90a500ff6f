import * as fs from "node:fs";
import * as path from "node:path";
import { shellQuote } from "../../../common/shell-quote";
import { PROJECT_ROOT } from "../../../local/paths";
import { onVm, output, run } from "../lab-driver";

/** What must not be found anywhere. */
export function keepsSecrets(): void {
  describe("secrets", () => {
    it("stand in no log, no state and no command line", async () => {
      const secrets = [
        await output("administratorPassword"),
        (await output("sshPrivateKey")).split("\n")[2] ?? "",
        fs.readFileSync(path.join(PROJECT_ROOT, ".lab/secrets/client-secret"), "utf8").trim(),
        ...Object.values(storageKeys()).flat(),
      ];
      for (const secret of secrets) expect(secret.length).toBeGreaterThan(20);
      const places = [".lab/state", ".lab/logs", ".lab/run", ".lab/azure/arm.json"];
      const found = await run(
        `grep -rlaF -e ${secrets.map(shellQuote).join(" -e ")} ${places.join(" ")} /proc/[0-9]*/cmdline 2>/dev/null | grep -v /proc/self`,
      );
      // grep's own command line, and that of the shell that started it, hold them for the moment of the search.
      const files = found.stdout.split("\n").filter((file) => file.startsWith(".lab"));
      expect(files).toEqual([]);
    });

    it("stand in files of the VM that only their owner reads", async () => {
      const key = Object.values(storageKeys())[0]?.[0] ?? "";
      // The key goes in by standard input: sudo writes its command line into the journal.
      const listing = await onVm(
        "sudo grep -rlF -f - /etc /home /run /tmp /var/log 2>/dev/null | sudo xargs stat -c '%a %n'",
        key,
      );
      const modes = listing.trim().split("\n");
      expect(modes).toContain("600 /etc/pg-audit-lab-blobfuse2.yaml");
      for (const line of modes) expect(line).toMatch(/^[46]00 /);
    });
  });
}

function storageKeys(): Record<string, string[]> {
  const file = path.join(PROJECT_ROOT, ".lab/secrets/storage-accounts.json");
  return JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, string[]>;
}
