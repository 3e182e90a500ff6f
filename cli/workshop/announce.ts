import execa from "execa";
import { type PlannedStack } from "./plan";
import { type Template } from "./template";

/** Says what `up` creates and changes on Azure, before anybody is asked. */
export async function announce(
  template: Template,
  plan: readonly PlannedStack[],
  existing: readonly PlannedStack[],
): Promise<string> {
  const isNew = ({ stack }: PlannedStack) => !existing.some((other) => other.stack === stack);
  const created = plan.filter(isNew);
  const value = (key: string) => String(template.value(key));
  const parts = [
    `a flexible server (${value("postgresSkuName")}, PostgreSQL ${value("postgresVersion")})`,
    ...(template.hasVm ? [`a VM (${value("vmSize")}, RHEL) with a public address`] : []),
    "a storage account",
  ];
  const people = plan.reduce((sum, { attendees }) => sum + attendees.length, 0);
  const groups = created.map(({ stack }) => template.groupName(stack));
  return [
    `${count(people, "attendee")}, ${count(plan.length, "stack")}: ${created.length} to create, ${plan.length - created.length} to update.`,
    `Subscription: ${await subscription(template)}`,
    `Region:       ${value("location")}`,
    ...(created.length === 0
      ? []
      : [
          `Each new one: a resource group with ${parts.join(", ")}`,
          `New groups:   ${shortened(groups)}`,
        ]),
    "It costs money until `./lab workshop down`: docs/costs.md. What the subscription must allow: docs/workshop.md.",
  ].join("\n");
}

export const count = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? "" : "s"}`;

const MOST_SHOWN = 4;

const shortened = (names: readonly string[]): string =>
  names.length <= MOST_SHOWN
    ? names.join(", ")
    : `${names.slice(0, MOST_SHOWN - 1).join(", ")} ... ${names.at(-1)}`;

/** As azure-native chooses it: by the configuration, by the environment, else that of the Azure CLI. */
async function subscription({ subscriptionId }: Template): Promise<string> {
  const id = subscriptionId ?? process.env.ARM_SUBSCRIPTION_ID;
  if (id !== undefined && id !== "") return id;
  const args = ["account", "show", "--query", "join(' ', [name, id])", "--output", "tsv"];
  const { stdout, failed } = await execa("az", args, { reject: false, stdin: "ignore" });
  return failed ? "the sign-in's default" : stdout.trim();
}
