import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "yaml";
import { stackFile, WorkshopFiles } from "../../../../cli/workshop/files";
import { stackAttendees, Template } from "../../../../cli/workshop/template";
import { PROJECT_ROOT } from "../../../../local/paths";
import { tempFolder } from "../../support/temp-folder";

const folder = tempFolder();

function template(text: string): Template {
  fs.copyFileSync(path.join(PROJECT_ROOT, "Pulumi.yaml"), path.join(folder(), "Pulumi.yaml"));
  fs.writeFileSync(stackFile("dev", folder()), text);
  return Template.read("dev", folder());
}

const written = (stack: string) =>
  yaml.parse(fs.readFileSync(stackFile(stack, folder()), "utf8")) as Record<string, unknown>;

const SALT = "encryptionsalt: v1:c2FsdA==\n";

test("a stack has the base's values and encrypted secrets, and its own group and attendee", () => {
  const base = template(
    `${SALT}config:\n  pg-audit-lab:location: northeurope\n  pg-audit-lab:storageServicePrincipal:\n    clientSecret: { secure: v1:abc }\n`,
  );
  base.write({ stack: "dev-workshop-alice", attendees: ["alice"] });
  expect(written("dev-workshop-alice")).toEqual({
    encryptionsalt: "v1:c2FsdA==",
    config: {
      "pg-audit-lab:location": "northeurope",
      "pg-audit-lab:storageServicePrincipal": { clientSecret: { secure: "v1:abc" } },
      "pg-audit-lab:resourceGroupName": "PG-WORKSHOP-alice",
      "pg-audit-lab:attendees": ["alice"],
    },
  });
});

test("attendees of a shared stack who aren't named any more stay, as does the key that Pulumi wrote", () => {
  const base = template("config: {}\n");
  base.write({ stack: "dev-workshop", attendees: ["alice", "bob"] });
  fs.appendFileSync(stackFile("dev-workshop", folder()), SALT);
  expect(base.write({ stack: "dev-workshop", attendees: ["bob", "carol"] })).toEqual([
    ...["alice", "bob", "carol"],
  ]);
  expect(stackAttendees("dev-workshop", folder())).toHaveLength(3);
  expect(written("dev-workshop").encryptionsalt).toBe("v1:c2FsdA==");
});

test("keys that several stacks can't have are refused together", () => {
  expect(() =>
    template(
      "config:\n  pg-audit-lab:postgres: { existingServerId: /x, administratorPassword: { secure: abc } }\n  pg-audit-lab:retention: { locked: true, protect: true }\n",
    ),
  ).toThrow(/existingServerId[^]*retention\.locked[^]*retention\.protect[^]*Pulumi Cloud/);
});

test("a resource group's name that is too long for Azure is refused", () => {
  const base = template(`config:\n  pg-audit-lab:resourceGroupName: ${"g".repeat(80)}\n`);
  expect(() => base.groupName(`dev-workshop-${"a".repeat(20)}`)).toThrow("101 characters");
});

test("nothing is left of a workshop that is down; the base's file stays", () => {
  template("config: {}\n").write({ stack: "dev-workshop-alice", attendees: ["alice"] });
  const files = new WorkshopFiles("dev", folder());
  files.create();
  fs.writeFileSync(files.csv, "");
  expect(fs.statSync(files.folder).mode & 0o777).toBe(0o700);
  files.removeAll();
  expect(fs.readdirSync(folder()).sort()).toEqual(["Pulumi.dev.yaml", "Pulumi.yaml"]);
});
