/**
 * `npm run docs:config`: writes the table of configuration keys from Pulumi.yaml into docs/configuration.md.
 * A unit test fails where the table is outdated.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "yaml";
import { z } from "zod";
import { runMain } from "../common/run-main";

const BEGIN = "<!-- config: written by `npm run docs:config` from Pulumi.yaml -->";
const END = "<!-- /config -->";

const PROJECT = z.object({
  config: z.record(
    z.string(),
    z.object({ type: z.string(), default: z.unknown(), description: z.string() }),
  ),
});

/** A markdown table of a project's configuration keys, in the order of Pulumi.yaml. */
export function configTable(projectYaml: string): string {
  const { config } = PROJECT.parse(yaml.parse(projectYaml));
  const rows = Object.entries(config).map(
    ([key, { type, default: value, description }]) =>
      `| \`${key}\` | ${type} | \`${JSON.stringify(value)}\` | ${description.replaceAll("|", "\\|")} |`,
  );
  return ["| Key | Type | Default | What it is |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** The document with the table between its markers. @throws Error where the document has no markers */
export function withConfigTable(document: string, table: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(
      `The document has no place for the table: it needs the lines ${BEGIN} and ${END}`,
    );
  }
  return `${document.slice(0, begin)}${BEGIN}\n\n${table}\n\n${document.slice(end)}`;
}

if (require.main === module) {
  runMain(async () => {
    const root = path.resolve(__dirname, "..");
    const document = path.join(root, "docs/configuration.md");
    const table = configTable(fs.readFileSync(path.join(root, "Pulumi.yaml"), "utf8"));
    fs.writeFileSync(document, withConfigTable(fs.readFileSync(document, "utf8"), table));
  });
}
