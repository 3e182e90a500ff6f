/**
 * `npm run docs:parameters`: writes local Azure's tables of server parameters from Microsoft's documentation. The variable
 * AZURE_DATABASES_DOCS names a checkout of MicrosoftDocs/azure-databases-docs; only the folder INCLUDES of it is needed:
 *
 *   git clone --depth 1 --filter=blob:none --sparse <repository>
 *   git sparse-checkout set articles/postgresql/server-parameters/includes
 *
 * With `--check` it writes nothing, and fails if a table isn't what this program wrote: where the checkout exists by
 * comparison, else by the checksum of this program and the rows.
 */
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { readFileIfExists, writeFile } from "../common/files";
import { runMain } from "../common/run-main";
import { UserError } from "../common/user-error";
import { tableFile } from "../local/backends/postgres/parameters/azure-table";
import { MAJOR_VERSIONS, type MajorVersion } from "../local/backends/postgres/server-build";

const INCLUDES = "articles/postgresql/server-parameters/includes";

/** A parameter as a page of the documentation shows it. */
export interface DocumentedParameter {
  readonly name: string;
  /** Of the page, `2025-12-29`. */
  readonly date: string;
  /** Category, parameter type, data type, default value and allowed values. */
  readonly cells: readonly string[];
}

const ATTRIBUTES = ["Category", "Parameter type", "Data type", "Default value", "Allowed values"];

/** The parameters of a page: sections `### name`, each with a table of attributes. @throws UserError */
export function readPage(text: string, file: string): DocumentedParameter[] {
  const [, month, day, year] = /^ms\.date: (\d+)\/(\d+)\/(\d+)/m.exec(text) ?? [];
  if (!month || !day || !year) throw new UserError(`${file} has no ms.date such as 12/29/2025.`);
  const date = [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-");
  return text
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const name = section.split("\n")[0]?.trim() ?? "";
      const cells = ATTRIBUTES.map((attribute) => {
        const cell = new RegExp(`^\\| ${attribute} \\|(.*)\\|$`, "m").exec(section)?.[1];
        if (cell === undefined) {
          throw new UserError(`${file}: the parameter ${name} has no "${attribute}".`);
        }
        return (
          cell
            .trim()
            .replace(/^`(.*)`$/, "$1")
            // The pages are generated, and the values in them escaped.
            .replace(/\\(["\\|])/g, "$1")
        );
      });
      return { name, date, cells };
    });
}

/** The table of a version: a line a parameter, from the newest page that has it. */
export function table(version: string, parameters: readonly DocumentedParameter[]): string {
  const newest = new Map<string, DocumentedParameter>();
  for (const parameter of parameters) {
    const other = newest.get(parameter.name);
    if (!other || other.date < parameter.date) newest.set(parameter.name, parameter);
  }
  const rows = [...newest.values()]
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
    .map(({ name, cells }) => [name, ...cells].join("\t"));
  const dates = [...newest.values()].map(({ date }) => date).sort();
  return [
    `# Azure's server parameters of PostgreSQL ${version}. Written by \`npm run docs:parameters\`; don't edit it.`,
    `# Source: MicrosoftDocs/azure-databases-docs, ${INCLUDES}/param-${version}-*.md, pages of ${dates[0]} to ${dates.at(-1)}.`,
    `# Checksum: ${checksum(rows)}`,
    `# ${["name", ...ATTRIBUTES].join("\t").toLowerCase()}`,
    ...rows,
    "",
  ].join("\n");
}

/** Changes with the rows and with this program. */
function checksum(rows: readonly string[]): string {
  const program = fs.readFileSync(__filename, "utf8");
  return crypto.createHash("sha256").update(program).update(rows.join("\n")).digest("hex");
}

/** Whether a table has the rows, and comes from the program, of its checksum. */
export function isCurrent(text: string): boolean {
  const lines = text.trimEnd().split("\n");
  const rows = lines.filter((line) => !line.startsWith("#"));
  return lines.includes(`# Checksum: ${checksum(rows)}`);
}

function writtenFrom(docs: string, version: MajorVersion): string {
  const folder = path.join(docs, INCLUDES);
  const files = fs.readdirSync(folder).filter((name) => name.startsWith(`param-${version}-`));
  if (files.length === 0) throw new UserError(`${folder} has no pages param-${version}-*.md.`);
  const pages = files.map((file) =>
    readPage(fs.readFileSync(path.join(folder, file), "utf8"), file),
  );
  return table(version, pages.flat());
}

async function main(): Promise<void> {
  const docs = process.env.AZURE_DATABASES_DOCS;
  const isCheck = process.argv.includes("--check");
  if (docs === undefined && !isCheck) {
    throw new UserError(
      "Set AZURE_DATABASES_DOCS to a checkout of the GitHub repository MicrosoftDocs/azure-databases-docs.",
    );
  }
  for (const version of MAJOR_VERSIONS) {
    const file = tableFile(version);
    const wanted = docs === undefined ? undefined : writtenFrom(docs, version);
    const existing = readFileIfExists(file) ?? "";
    if (!isCheck) writeFile(file, wanted ?? "");
    else if (wanted === undefined ? !isCurrent(existing) : existing !== wanted) {
      throw new UserError(
        `${path.relative(process.cwd(), file)} is out of date: run \`npm run docs:parameters\`, which needs AZURE_DATABASES_DOCS.`,
      );
    }
  }
}

if (require.main === module) runMain(main);
