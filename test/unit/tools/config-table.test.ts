import * as fs from "node:fs";
import * as path from "node:path";
import { configTable, withConfigTable } from "../../../tools/config-table";

const root = path.resolve(__dirname, "../../..");
const read = (name: string) => fs.readFileSync(path.join(root, name), "utf8");

/** Prettier pads a table's cells; the words count. */
const squeezed = (text: string) => text.replaceAll(/[ -]{2,}/g, " ");

test("the README's table says what Pulumi.yaml says", () => {
  const readme = read("README.md");
  const fresh = withConfigTable(readme, configTable(read("Pulumi.yaml")));
  expect(squeezed(readme)).toBe(squeezed(fresh));
});

test("a key's row has its type, default and description", () => {
  const table = configTable(
    "config: { sshPort: { type: integer, default: 22, description: 'One | two.' } }",
  );
  expect(table).toContain("| `sshPort` | integer | `22` | One \\| two. |");
});

test("a README without markers is refused instead of overwritten", () => {
  expect(() => withConfigTable("# Lab", "| |")).toThrow("no place for the table");
});
