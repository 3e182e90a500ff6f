import * as yaml from "yaml";
import { z } from "zod";

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

/** The README with the table between its markers. Throws where it has no markers. */
export function withConfigTable(readme: string, table: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(
      `The README has no place for the table: it needs the lines ${BEGIN} and ${END}`,
    );
  }
  return `${readme.slice(0, begin)}${BEGIN}\n\n${table}\n\n${readme.slice(end)}`;
}
