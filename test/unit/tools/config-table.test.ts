import * as fs from "node:fs";
import * as path from "node:path";
import { configTable, withConfigTable } from "../../../tools/config-table";

const root = path.resolve(__dirname, "../../..");
const read = (name: string) => fs.readFileSync(path.join(root, name), "utf8");

/** Prettier pads a table's cells; only the words are compared. */
const squeezed = (text: string) => text.replaceAll(/[ -]{2,}/g, " ");

test("the table in docs/configuration.md agrees with Pulumi.yaml", () => {
  const document = read("docs/configuration.md");
  const fresh = withConfigTable(document, configTable(read("Pulumi.yaml")));
  expect(squeezed(document)).toBe(squeezed(fresh));
});

test("a key's row has its type, default and description", () => {
  const table = configTable(
    "config: { sshPort: { type: integer, default: 22, description: 'One | two.' } }",
  );
  expect(table).toContain("| `sshPort` | integer | `22` | One \\| two. |");
});

test("a document without markers is an error and is not overwritten", () => {
  expect(() => withConfigTable("# Lab", "| |")).toThrow("no place for the table");
});
