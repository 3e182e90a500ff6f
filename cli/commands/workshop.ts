import * as path from "node:path";
import { UserError } from "../../common/user-error";
import { confirm } from "../lab/confirm";
import { isWorkshopStack, LOCAL_STACK } from "../lab/names";
import { plainTable } from "../lab/plain-table";
import { announce, count } from "../workshop/announce";
import { isShared, readyStacks, writeCsv } from "../workshop/csv";
import { WorkshopFiles } from "../workshop/files";
import { attendeeNames, type PlannedStack, planStacks } from "../workshop/plan";
import { runAll, type StackResult } from "../workshop/run";
import { stackAttendees, Template } from "../workshop/template";
import {
  existingStacks,
  findStacks,
  parallelOf,
  withWorkshop,
  type Workshop,
} from "../workshop/workshop";

export interface WorkshopOptions {
  /** The stack with the workshop's configuration. */
  readonly stack: string;
  readonly yes: boolean;
  /** A count, as it was typed. */
  readonly parallel?: string;
}

export interface WorkshopUpOptions extends WorkshopOptions {
  /** @default the attendees that the workshop has */
  readonly attendees?: string;
  readonly shared: boolean;
  readonly csv?: string;
}

/** `--stack`, where it isn't the default. */
const choice = (base: string): string => (base === LOCAL_STACK ? "" : ` --stack ${base}`);

/** `./lab workshop up`: a stack for each attendee, or one for all, and a CSV with each one's commands. */
export async function workshopUp(options: WorkshopUpOptions): Promise<void> {
  const { stack: base, shared } = options;
  const names = options.attendees === undefined ? undefined : attendeeNames(options.attendees);
  const parallel = parallelOf(options.parallel, base);
  const template = Template.read(base);
  const files = new WorkshopFiles(base);
  const csv = options.csv === undefined ? files.csv : path.resolve(options.csv);
  const command = `./lab workshop up${choice(base)}`;
  const advice = `\`${command}\` continues from here; \`./lab workshop down${choice(base)}\` removes the workshop.`;
  if (names === undefined && (await knownStacks(base)).length === 0) throw noAttendees(base);
  await withWorkshop(base, advice, async ({ stacks, signal }) => {
    const existing = await existingStacks(stacks, base);
    const named = names === undefined ? existing : planStacks(base, names, shared);
    named.forEach(({ stack }) => template.groupName(stack));
    if (base !== LOCAL_STACK) {
      console.log(await announce(template, named, existing));
      if (!options.yes) await confirm("Nothing was created.");
    }
    files.create();
    const plan = named.map((planned) => ({ ...planned, attendees: template.write(planned) }));
    if (names) reportUnnamed(plan, existing, names);
    console.log(`\n${count(plan.length, "stack")}, ${parallel} at a time`);
    const results = await runAll({
      ...{ plan, parallel, signal, logOf: files.logOf },
      work: (planned, attempt) => stacks.up(planned, template, attempt),
    });
    await writeCsv(files, csv, await readyStacks(results, existing, stacks));
    conclude(results, files);
    console.log(
      `\nEach attendee's commands: ${path.relative("", csv)}\nIt contains passwords, and the VMs' private keys are next to it: hand each row to its attendee only.`,
    );
    if (process.exitCode === 1) console.log(`\n${command} tries again what failed.`);
  });
}

/** Before anything is started. */
async function knownStacks(base: string): Promise<PlannedStack[]> {
  const stacks = await findStacks(base);
  return stacks ? existingStacks(stacks, base) : [];
}

const noAttendees = (base: string): UserError =>
  new UserError(
    `There is no workshop of the stack ${base} to continue. Name its attendees: ./lab workshop up${choice(base)} --attendees 3`,
  );

/** Nobody's lab is destroyed because a name is missing in a list. */
function reportUnnamed(
  plan: readonly PlannedStack[],
  existing: readonly PlannedStack[],
  names: readonly string[],
): void {
  const others = existing.filter(({ stack }) => plan.every((planned) => planned.stack !== stack));
  for (const { stack } of others) {
    console.log(
      `${stack} exists, and isn't named: it stays as it is. To remove it: pulumi destroy --remove --stack ${stack}`,
    );
  }
  for (const planned of plan.filter(isShared)) {
    const left = planned.attendees.filter((name) => !names.includes(name));
    if (left.length === 0) continue;
    console.log(
      `${left.join(", ")} of ${planned.stack} isn't named, and stays. To remove a name, take it from the key attendees of ${planned.stack}'s configuration, then run pulumi up --stack ${planned.stack}`,
    );
  }
}

/** The table of the results. Exit code 1 if any failed. */
function conclude(results: readonly StackResult<unknown>[], files: WorkshopFiles): void {
  const rows = results.map(({ stack, attendees, seconds, tries, text, ...result }) => [
    ...[attendees.length === 1 ? (attendees[0] ?? "") : count(attendees.length, "attendee"), stack],
    ...["value" in result ? "done" : "failed", `${seconds} s`, tries],
    ...[shorten(text), path.relative("", files.logOf(stack))],
  ]);
  const head = ["attendee", "stack", "result", "time", "tries", "what", "log"];
  console.log(`\n${plainTable(head, rows)}`);
  for (const { stack, text, ...result } of results) {
    if ("value" in result) continue;
    process.exitCode = 1;
    if (shorten(text) !== text) console.log(`\n${stack}: ${text}`);
  }
}

const LONGEST_TEXT = 50;
const shorten = (text: string): string =>
  text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`;

/** `./lab workshop status`: the stacks, without a look into them. */
export async function workshopStatus({ stack: base }: { readonly stack: string }): Promise<void> {
  const summaries = (await (await findStacks(base))?.summaries()) ?? [];
  const own = summaries.filter(({ name }) => isWorkshopStack(name, base));
  if (own.length === 0) {
    console.log(noWorkshop(base));
    return;
  }
  const rows = own.map(({ name, resourceCount = 0, lastUpdate, updateInProgress }) => [
    ...[name, stackAttendees(name).join(" "), resourceCount],
    updateInProgress ? "being updated" : (lastUpdate ?? "never"),
  ]);
  console.log(plainTable(["stack", "attendees", "resources", "last update"], rows));
  console.log(`\nOne of them in detail: ./lab status --stack ${own[0]?.name}`);
}

const noWorkshop = (base: string): string => `There is no workshop of the stack ${base}.`;

/** `./lab workshop down`: destroys each stack, and removes it with all that the workshop wrote on this machine. */
export async function workshopDown(options: WorkshopOptions): Promise<void> {
  const { stack: base } = options;
  const parallel = parallelOf(options.parallel, base);
  const files = new WorkshopFiles(base);
  const command = `./lab workshop down${choice(base)}`;
  if ((await knownStacks(base)).length === 0) {
    files.removeAll();
    console.log(noWorkshop(base));
    return;
  }
  const work = async ({ stacks, signal }: Workshop) => {
    const plan = await existingStacks(stacks, base);
    console.log(`\nTo destroy: ${plan.map(({ stack }) => stack).join(", ")}`);
    if (base !== LOCAL_STACK && !options.yes) await confirm("Nothing was destroyed.");
    files.create();
    const results = await runAll({
      ...{ plan, parallel, signal, logOf: files.logOf },
      work: ({ stack }, attempt) => stacks.destroy(stack, attempt),
    });
    conclude(results, files);
    for (const { stack, ...result } of results) if ("value" in result) files.removeStack(stack);
    const left = results.filter((result) => !("value" in result));
    if (left.length === 0) {
      files.removeAll();
      console.log("\nThe workshop is down: no stack, key or CSV of it is left.");
      return;
    }
    console.log(
      `\n${count(left.length, "stack")} couldn't be destroyed. \`${command}\` tries again.`,
    );
  };
  await withWorkshop(base, `\`${command}\` continues from here.`, work);
}
