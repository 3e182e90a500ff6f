import { z } from "zod";
import { runOrThrow } from "../../common/run-command";
import { changesTable } from "./changes-table";
import { type Change } from "./preview";

const LABEL = "drift";

const ISSUES = z.array(z.object({ number: z.int(), body: z.string() }));
type Issue = z.infer<typeof ISSUES>[number];

export interface DriftReport {
  readonly stack: string;
  readonly drift: readonly Change[];
  /** URL of the run that found it. */
  readonly runUrl: string;
}

/**
 * Brings the repository's one open issue about a stack's drift up to date, by GitHub's CLI, `gh`: opens it, changes its text and
 * comments where the drift is another one, and closes it when the drift is gone. The same drift again changes nothing.
 * @returns what was done, for the log
 */
export async function updateDriftIssue(report: DriftReport): Promise<string> {
  const { stack, drift, runUrl } = report;
  const issue = await openIssue(stack);
  if (drift.length === 0) {
    if (!issue) return "There is no open issue.";
    const comment = `No drift any more, by [this run](${runUrl}).`;
    await gh("Closing the issue", ["issue", "close", `${issue.number}`, "--comment", comment]);
    return `Closed issue ${issue.number}.`;
  }
  if (!issue) return `Opened ${await open(report)}`;
  const table = changesTable(drift);
  if (withUnixLines(issue.body).includes(`\n${table}\n`)) {
    return `Issue ${issue.number} has this drift already.`;
  }
  const file = ["--body-file", "-"];
  // The comment first, because an edit notifies nobody: after a failure between both, the next run repeats it.
  const comment = `The drift has changed, by [this run](${runUrl}):\n\n${table}\n`;
  await gh("Commenting on the issue", ["issue", "comment", `${issue.number}`, ...file], comment);
  await gh("Updating the issue", ["issue", "edit", `${issue.number}`, ...file], issueText(report));
  return `Updated issue ${issue.number}.`;
}

/** The oldest open issue of the stack; others with the label are left alone. */
async function openIssue(stack: string): Promise<Issue | undefined> {
  const query = ["--state", "open", "--label", LABEL, "--limit", "100", "--json", "number,body"];
  const { stdout } = await gh("Looking for the issue", ["issue", "list", ...query]);
  return ISSUES.parse(JSON.parse(stdout))
    .filter(({ body }) => body.includes(marker(stack)))
    .sort((one, other) => one.number - other.number)[0];
}

async function open(report: DriftReport): Promise<string> {
  const description = "Azure differs from the Pulumi program";
  await gh("Creating the label", [
    ...["label", "create", LABEL, "--color", "D93F0B", "--description", description, "--force"],
  ]);
  const title = `Drift: ${report.stack} was changed outside Pulumi`;
  const options = ["--title", title, "--label", LABEL, "--body-file", "-"];
  const { stdout } = await gh(
    "Opening the issue",
    ["issue", "create", ...options],
    issueText(report),
  );
  return stdout.trim();
}

/** Finds the issue again; not shown in the rendered text. */
const marker = (stack: string): string => `<!-- drift of ${stack} -->`;

function issueText({ stack, drift, runUrl }: DriftReport): string {
  return `${marker(stack)}
Something that the Pulumi program declares was changed on Azure without it. \`pulumi up --refresh\` would do this, found by
[this run](${runUrl}):

${changesTable(drift)}

Values aren't shown here. \`pulumi preview --stack ${stack} --refresh --diff\` shows them, and Azure's Activity log says who
changed what.

- To change it back, start the workflow _Up_ with _refresh_. Without it, \`up\` compares with the state and changes nothing.
- To keep it, change the program or its configuration to match.

Until then records may be missing from the audit trail. The next check without drift closes this issue.
`;
}

/** GitHub returns texts that were edited in a browser with CRLF. */
const withUnixLines = (text: string): string => text.replaceAll("\r\n", "\n");

const gh = (what: string, args: readonly string[], input?: string) =>
  runOrThrow("gh", args, { what, input, timeoutSeconds: 120 });
