import { z } from "zod";
import { lastLines, runCommand } from "../../common/run-command";
import { parseJson } from "../../common/json";
import { UserError } from "../../common/user-error";

/** What an update would do to a resource. It has names of properties and no values, so it may be shown to anyone. */
export interface Change {
  /** Pulumi's operation: create, update, replace, delete, ... */
  readonly op: string;
  readonly urn: string;
  /** Paths of the changed properties in order of name; empty for a creation or deletion. */
  readonly properties: readonly string[];
}

/** The output of `pulumi preview --json`. Source: PreviewDigest in sdk/go/common/display of pulumi/pulumi. */
const DIGEST = z.object({
  steps: z
    .array(
      z.object({
        op: z.string(),
        urn: z.string(),
        diffReasons: z.array(z.string()).nullish(),
        detailedDiff: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .nullish(),
  diagnostics: z.array(z.object({ severity: z.string(), message: z.string() })).nullish(),
});

/** Steps that change nothing. Source: HasChanges in pkg/engine of pulumi/pulumi, and `refresh`, which `--refresh` adds. */
const WITHOUT_CHANGE = ["same", "read", "read-replacement", "discard", "refresh"];

/** The changes in the output of `pulumi preview --json`; undefined if it isn't that. */
export function changesOf(json: string): Change[] | undefined {
  const { data } = DIGEST.safeParse(parseJson(json));
  return data?.steps
    ?.filter(({ op }) => !WITHOUT_CHANGE.includes(op))
    .map(({ op, urn, detailedDiff, diffReasons }) => ({
      ...{ op, urn },
      properties: (detailedDiff ? Object.keys(detailedDiff) : (diffReasons ?? [])).sort(),
    }));
}

export interface PreviewOptions {
  readonly stack: string;
  /** Compares the program with the cloud, not with the state. The state isn't changed. */
  readonly refresh: boolean;
  /** Folder of a policy pack, whose violations fail the preview. @default none */
  readonly policyPack?: string;
}

/**
 * What `pulumi up` would do, by a preview of the project in the working directory. Doesn't lock the stack.
 * @throws UserError with Pulumi's own errors if the preview fails
 */
export async function previewChanges({
  stack,
  refresh,
  policyPack,
}: PreviewOptions): Promise<Change[]> {
  const { failure, stdout, output } = await runCommand("pulumi", [
    ...["preview", "--stack", stack, "--json", "--non-interactive", "--color", "never"],
    ...(refresh ? ["--refresh"] : []),
    ...(policyPack === undefined ? [] : ["--policy-pack", policyPack]),
  ]);
  if (failure !== undefined) {
    throw new UserError(
      `the preview of ${stack} failed: pulumi ${failure}:\n${errorsOf(stdout) ?? lastLines(output)}`,
    );
  }
  const changes = changesOf(stdout);
  if (!changes)
    throw new UserError(`the preview of ${stack} printed no result:\n${lastLines(output)}`);
  return changes;
}

/** The errors in a failed preview's JSON; undefined where it has none, as when the stack can't be opened. */
function errorsOf(json: string): string | undefined {
  const { data } = DIGEST.safeParse(parseJson(json));
  const errors = data?.diagnostics?.filter(({ severity }) => severity === "error");
  return errors?.length ? errors.map(({ message }) => message.trim()).join("\n") : undefined;
}
