import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import execa from "execa";
import { resourceManagerFromEnvironment } from "../../azure/resource-manager";
import { writeFile } from "../../common/files";
import { UserError } from "../../common/user-error";
import { type Place } from "../../local/conformance/claim";
import { ClaimCheck, type Finding } from "../../local/conformance/claim-check";
import { countResults, writeReport } from "../../local/conformance/report";
import { TOPICS } from "../../local/conformance/topics/topics";
import { PROJECT_ROOT } from "../../local/paths";
import { confirm } from "../lab/confirm";

export interface ConformanceOptions {
  /** Id of the subscription. */
  readonly subscription: string;
  readonly location: string;
  readonly by?: string;
  readonly output?: string;
  readonly yes: boolean;
}

const SUBSCRIPTION = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Exit code if a claim isn't confirmed. */
const NOT_CONFIRMED = 2;

/** `./lab conformance`: checks on a subscription what local Azure claims of Azure, and writes a report. */
export async function conformance(options: ConformanceOptions): Promise<void> {
  const place = newPlace(options);
  const groupName = path.basename(place.group);
  announce(place, groupName);
  if (!options.yes) await confirm("Nothing was created.");
  const { cloud, send } = await resourceManagerFromEnvironment(process.env);
  const stop = new AbortController();
  const check = new ClaimCheck({ place, send, notify: console.log, signal: stop.signal });
  process.once("SIGINT", () => {
    console.log(
      `Stopping. A second Ctrl-C leaves the resource group ${groupName}, which costs money.`,
    );
    stop.abort();
  });
  const problems: string[] = [];
  const note = (error: Error) => void problems.push(error.message);
  await check.run().catch(note);
  console.log(`Deleting the resource group ${groupName}`);
  await check.cleanUp().catch(note);
  if (check.findings.length > 0) {
    const host = new URL(cloud.resourceManager).hostname;
    await report(check.findings, place, host, options);
  }
  if (problems.length > 0) throw new UserError(problems.join("\n"));
}

function newPlace({ subscription, location }: ConformanceOptions): Place {
  if (!SUBSCRIPTION.test(subscription)) {
    throw new UserError(
      `--subscription is "${subscription}"; it takes the id of a subscription: az account list --output table`,
    );
  }
  const unique = crypto.randomBytes(4).toString("hex");
  const id = `/subscriptions/${subscription}`;
  return {
    subscription: id,
    group: `${id}/resourceGroups/pg-conformance-${unique}`,
    location,
    otherLocation: location === "northeurope" ? "westeurope" : "northeurope",
    unique,
    password: `${crypto.randomBytes(18).toString("base64url")}~A1`,
  };
}

function announce({ location }: Place, groupName: string): void {
  const minutes = TOPICS.reduce((sum, topic) => sum + topic.minutes, 0);
  console.log(
    `Checks what local Azure claims of Azure, in the new resource group ${groupName} in ${location}:\n` +
      "  two flexible servers (Standard_B1ms), one after the other, and a VM (Standard_B2s_v2, RHEL), each for less than an hour.\n" +
      "  Prices: docs/costs.md. All is deleted at the end, but resource providers stay registered.\n" +
      `  It takes about ${minutes} minutes on Azure, and needs the role Contributor on the subscription.`,
  );
}

async function report(
  findings: readonly Finding[],
  place: Place,
  cloud: string,
  options: ConformanceOptions,
): Promise<void> {
  const date = new Date().toISOString().slice(0, 10);
  const by = options.by ?? (await gitUserName());
  const file = options.output ?? freeFile(date);
  writeFile(file, writeReport(findings, { date, by, location: place.location, cloud }, place));
  console.log(`\n${findings.length} claims: ${countResults(findings)}.\nThe report is ${file}.`);
  if (options.output === undefined) {
    console.log("Read it, run `npm run docs:coverage`, and send both changes as a pull request.");
  }
  if (findings.some(({ result }) => result !== "confirmed")) process.exitCode = NOT_CONFIRMED;
}

const gitUserName = async (): Promise<string> =>
  (await execa("git", ["config", "user.name"], { cwd: PROJECT_ROOT, reject: false })).stdout ||
  "unknown";

/** `conformance/2026-12-03.md`, or `2026-12-03_2.md` where that exists, and so on: their names sort by time. */
function freeFile(date: string): string {
  const name = (index: number) =>
    path.join("conformance", `${date}${index === 1 ? "" : `_${index}`}.md`);
  let index = 1;
  while (fs.existsSync(path.join(PROJECT_ROOT, name(index)))) index += 1;
  return path.join(PROJECT_ROOT, name(index));
}
