import * as path from "node:path";
import * as yaml from "yaml";
import { z } from "zod";
import { readFileIfExists, writeFile } from "../../common/files";
import { parseJson } from "../../common/json";
import { UserError } from "../../common/user-error";
import { PROJECT_ROOT } from "../../local/paths";
import { stackFile } from "./files";
import { type PlannedStack } from "./plan";

const PROJECT = "pg-audit-lab";

/** Pulumi.<stack>.yaml. Source: sdk/go/common/workspace/project.go of pulumi/pulumi 3.230, ProjectStack. */
const STACK_FILE = z.looseObject({
  config: z.record(z.string(), z.unknown()).nullish(),
  /** The salt of the passphrase. */
  encryptionsalt: z.string().optional(),
  secretsprovider: z.string().optional(),
  /** The data key, encrypted with the key of the provider. */
  encryptedkey: z.string().optional(),
});
type StackFile = z.infer<typeof STACK_FILE>;

/** Azure's limit of a resource group's name. Source: Azure's "Naming rules and restrictions for Azure resources". */
const LONGEST_GROUP_NAME = 90;

/** The configuration of the base stack, after which a workshop's stacks are configured. */
export class Template {
  private constructor(
    private readonly base: string,
    private readonly file: StackFile,
    private readonly root: string,
  ) {}

  /** @throws UserError for a configuration that several stacks can't have */
  static read(base: string, root = PROJECT_ROOT): Template {
    const place = stackFile(base, root);
    const file = readStackFile(place);
    if (!file) {
      throw new UserError(
        `There is no ${path.basename(place)}: the stack ${base} has the configuration of the workshop's stacks. Create it (README.md, "Azure in five steps"), or name another one with --stack.`,
      );
    }
    const template = new Template(base, file, root);
    const problems = template.problems();
    if (problems.length === 0) return template;
    throw new UserError(
      `${path.basename(place)} can't be the configuration of a workshop:\n  ${problems.join("\n  ")}`,
    );
  }

  /** The plain value of a key, else its default in Pulumi.yaml. */
  value(key: string): unknown {
    const own = this.file.config?.[`${PROJECT}:${key}`];
    if (own !== undefined) return own;
    const project = yaml.parse(readFileIfExists(path.join(this.root, "Pulumi.yaml")) ?? "") as {
      readonly config?: Readonly<Record<string, { readonly default?: unknown } | undefined>>;
    } | null;
    return project?.config?.[key]?.default;
  }

  /** Of the Azure subscription, where the configuration names one. */
  get subscriptionId(): string | undefined {
    return this.file.config?.["azure-native:subscriptionId"] as string | undefined;
  }

  get hasVm(): boolean {
    return String(this.value("vm")) !== "false";
  }

  /** Whether the secrets are encrypted with a passphrase. */
  get needsPassphrase(): boolean {
    return this.file.encryptionsalt !== undefined;
  }

  /** The argument of `pulumi stack init --secrets-provider`; undefined for the backend's own. */
  get secretsProvider(): string | undefined {
    return this.file.secretsprovider ?? (this.needsPassphrase ? "passphrase" : undefined);
  }

  /**
   * Writes the file of a workshop's stack: the template's values, and the stack's own resource group and attendees. Secrets
   * stay encrypted, with the same key: its salt, or the key's own encrypted text, is copied with them.
   * @returns the attendees of the stack; those of a shared one that aren't named any more stay
   */
  write({ stack, attendees }: PlannedStack): string[] {
    const place = stackFile(stack, this.root);
    const former = readStackFile(place);
    const { encryptionsalt, secretsprovider, encryptedkey } = former ?? {};
    const all = [...new Set([...attendeesIn(former), ...attendees])];
    const file: StackFile = {
      // What Pulumi wrote where the template has no key.
      ...withoutUndefined({ encryptionsalt, secretsprovider, encryptedkey }),
      ...this.file,
      config: {
        ...this.file.config,
        [`${PROJECT}:resourceGroupName`]: this.groupName(stack),
        [`${PROJECT}:attendees`]: all,
      },
    };
    const text = `${HEADER(path.basename(stackFile(this.base)))}${yaml.stringify(file)}`;
    if (text !== readFileIfExists(place)) writeFile(place, text);
    return all;
  }

  /** Of a workshop's stack. @throws UserError for a name that is too long for Azure */
  groupName(stack: string): string {
    const [, attendee = "shared"] = stack.split("-workshop-");
    const name = `${String(this.value("resourceGroupName"))}-${attendee}`;
    if (name.length <= LONGEST_GROUP_NAME) return name;
    throw new UserError(
      `The resource group of ${attendee} would be ${name}, with ${name.length} characters; Azure takes ${LONGEST_GROUP_NAME}. Take a shorter name.`,
    );
  }

  private problems(): string[] {
    const postgres = fieldsOf(this.value("postgres"));
    const retention = fieldsOf(this.value("retention"));
    const { encryptionsalt, secretsprovider, encryptedkey } = this.file;
    const hasKey = encryptionsalt !== undefined || (secretsprovider && encryptedkey);
    return [
      postgres.existingServerId &&
        "postgres.existingServerId: each stack would set, restart and at last restore the parameters of the same server. Use a stack of its own for that server, with the key attendees.",
      retention.locked &&
        "retention.locked: nobody could delete the storage accounts, and so the resource groups, before the logs expire.",
      retention.protect &&
        "retention.protect: `./lab workshop down` couldn't delete the storage accounts.",
      !hasKey &&
        hasSecret(this.file.config) &&
        "it has secrets that Pulumi Cloud encrypts for that stack alone. Encrypt them with a passphrase or a key vault: " +
          `pulumi stack change-secrets-provider passphrase --stack ${this.base}`,
    ].filter((problem) => typeof problem === "string");
  }
}

const HEADER = (base: string): string =>
  `# Written by ./lab workshop up, from ${base}; removed by ./lab workshop down.\n`;

/** The attendees of a workshop's stack, as its file has them. */
export const stackAttendees = (stack: string, root = PROJECT_ROOT): string[] =>
  attendeesIn(readStackFile(stackFile(stack, root)));

const attendeesIn = (file: StackFile | undefined): string[] =>
  z.array(z.string()).catch([]).parse(file?.config?.[`${PROJECT}:attendees`]);

function readStackFile(place: string): StackFile | undefined {
  const text = readFileIfExists(place);
  if (text === undefined) return undefined;
  try {
    return STACK_FILE.parse(yaml.parse(text) ?? {});
  } catch (error) {
    throw new UserError(`${place} is no valid stack configuration: ${(error as Error).message}`);
  }
}

/** An object key's fields: as an object, or as the JSON that `pulumi config set` was given. */
function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  const parsed = typeof value === "string" ? parseJson(value) : value;
  return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
}

const hasSecret = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(hasSecret);
};

const withoutUndefined = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
