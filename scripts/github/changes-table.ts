import { terminalText } from "../../common/terminal-text";
import { type Change } from "./preview";

/**
 * A Markdown table of changes, without values: GitHub shows issues and summaries to everyone who may read the repository,
 * and Pulumi masks only the values that it knows as secret.
 */
export function changesTable(changes: readonly Change[]): string {
  const rows = changes.map(rowOf).sort();
  return ["| Change | Resource | Type | Properties |", "| --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

function rowOf({ op, urn, properties }: Change): string {
  const [type = "", name = ""] = urn.split("::").slice(-2);
  // The type of a child begins with its parents' types: `project:index:Network$azure-native:network:Subnet`.
  const own = type.split("$").at(-1) ?? "";
  const cells = [op, code(name), code(own), properties.map(code).join(", ")];
  return `| ${cells.join(" | ")} |`;
}

/** Names of tags are part of property paths, and anyone may choose them: they mention nobody and format nothing. */
const code = (text: string): string => `\`${terminalText(text).replace(/[`|]/g, "?")}\``;
