import { z } from "zod";

/** What a preview would do to one resource. */
export interface Change {
  /** Pulumi's word: create, update, replace, delete, import, ... */
  readonly operation: string;
  /** `azure-native:dbforpostgresql:Configuration`. */
  readonly type: string;
  readonly name: string;
  /** Paths of the inputs that differ, `triggers[1]`; empty where the whole resource comes or goes. */
  readonly properties: readonly string[];
  /** Those of them that make it a replacement. */
  readonly replacing: readonly string[];
}

export interface Preview {
  /** Resources that would change, in the order of the preview; components are left out, since nothing is done to them. */
  readonly changes: readonly Change[];
  /** What went wrong; the changes aren't the whole then. */
  readonly errors: readonly string[];
}

const STATE = z.object({ custom: z.boolean().optional() }).optional();

/** The part of `pulumi preview --json` that is read. Source: github.com/pulumi/pulumi, sdk/go/common/display, PreviewDigest. */
const DIGEST = z.object({
  steps: z
    .array(
      z.object({
        op: z.string(),
        urn: z.string(),
        oldState: STATE,
        newState: STATE,
        diffReasons: z.array(z.string()).nullish(),
        replaceReasons: z.array(z.string()).nullish(),
        detailedDiff: z.record(z.string(), z.object({ kind: z.string() })).nullish(),
      }),
    )
    .nullish(),
  diagnostics: z.array(z.object({ message: z.string(), severity: z.string() })).nullish(),
});

type Step = NonNullable<z.infer<typeof DIGEST>["steps"]>[number];

/** Operations that change nothing. */
const IDLE = ["same", "read", "refresh"];

/**
 * Reads what `pulumi preview --json` printed.
 * @param complaint what it wrote to standard error; the error where it printed no JSON
 */
export function readPreview(json: string, complaint = ""): Preview {
  const digest = DIGEST.safeParse(parseJson(json));
  if (!digest.success) {
    return { changes: [], errors: [complaint.trim() || "pulumi preview printed nothing."] };
  }
  const { steps, diagnostics } = digest.data;
  return {
    changes: (steps ?? [])
      .filter((step) => isResource(step) && !IDLE.includes(step.op))
      .map(change),
    errors: (diagnostics ?? [])
      .filter(({ severity }) => severity === "error")
      .map(({ message }) => withoutColors(message).trim()),
  };
}

function change({ op, urn, detailedDiff, diffReasons, replaceReasons }: Step): Change {
  const paths = Object.entries(detailedDiff ?? {});
  const replacing = paths.filter(([, { kind }]) => kind.endsWith("-replace")).map(([path]) => path);
  return {
    operation: op,
    ...typeAndName(urn),
    properties: paths.length > 0 ? paths.map(([path]) => path) : (diffReasons ?? []),
    replacing: replacing.length > 0 ? replacing : (replaceReasons ?? []),
  };
}

function isResource({ oldState, newState }: Step): boolean {
  return (newState ?? oldState)?.custom === true;
}

/** `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>`; a name may hold `::` itself. */
function typeAndName(urn: string): { type: string; name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.split("$").at(-1) ?? "", name: name.join("::") };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Node.js prints an error's details in colors, also where nobody can see them. */
function withoutColors(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}
