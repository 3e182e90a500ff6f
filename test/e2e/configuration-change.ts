import * as fs from "node:fs";
import * as path from "node:path";
import { pollUntil } from "../../common/poll";
import { PROJECT_ROOT } from "../../local/paths";
import { onVm, output, pulumi, sql, succeed } from "./lab-driver";

/** A copy of the local stack's configuration with further values; the lab's own file stays as it is. */
export function configurationWith(name: string, lines: string): string {
  const file = path.join(PROJECT_ROOT, ".lab", "run", `${name}.yaml`);
  const text = fs.readFileSync(path.join(PROJECT_ROOT, "Pulumi.local.yaml"), "utf8");
  fs.writeFileSync(file, text.replace("config:\n", `config:\n${lines}\n`));
  return file;
}

interface PreviewStep {
  readonly op: string;
  readonly urn: string;
}

/** What a preview would do: `update postgres-pgaudit-log`, without what stays as it is. */
export async function previewSteps(configFile: string): Promise<string[]> {
  const stdout = await succeed(pulumi(`preview --json --config-file ${configFile}`));
  const { steps } = JSON.parse(stdout) as { steps: PreviewStep[] };
  return steps
    .filter(({ op }) => op !== "same" && op !== "read")
    .map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`)
    .sort();
}

/** Updates the lab with a changed configuration, and once more without a change; returns the first preview's steps. */
export async function updateWith(name: string, lines: string): Promise<string[]> {
  const file = configurationWith(name, lines);
  const steps = await previewSteps(file);
  await succeed(pulumi(`up --yes --skip-preview --config-file ${file}`));
  await succeed(pulumi(`up --yes --skip-preview --expect-no-changes --config-file ${file}`));
  return steps;
}

/** Whether a new statement is decoded with its object, which needs the extension, and is in the mounted container. */
export async function isAuditedInTheMount(table: string): Promise<void> {
  await sql(`CREATE TABLE ${table}(id int)`);
  const mount = await output("mountPath");
  await pollUntil(
    async () =>
      (await onVm(`sudo grep -rhF 'AUDIT' ${mount} || true`)).includes(
        `CREATE TABLE,TABLE,public.${table},`,
      ),
    { what: "the statement to be in the mounted container", timeoutSeconds: 60 },
  );
}
