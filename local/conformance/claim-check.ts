import { type Notify } from "../../common/notify";
import { pollUntil } from "../../common/poll";
import { UserError } from "../../common/user-error";
import { RESOURCES_API_VERSIONS } from "../arm/resource-type-names";
import {
  type Claim,
  type Expected,
  isClaim,
  type Place,
  put,
  remove,
  type Request,
  type Step,
} from "./claim";
import { type Outcome, ResourceManager, type Send } from "./resource-manager";
import { TOPICS } from "./topics/topics";

/**
 * confirmed: the claimed answer.
 * other words: only the error's message isn't the claimed one.
 * differs: the status, the code, the operation's end or the body isn't.
 * not checked: a step before it failed, or the run was stopped.
 */
export type Result = "confirmed" | "other words" | "differs" | "not checked";

/** What a cloud did with a claim's request. */
export interface Finding {
  readonly states: string;
  readonly request: Request;
  readonly expected: Expected;
  readonly result: Result;
  readonly outcome?: Outcome;
  /** Why it wasn't checked. */
  readonly reason?: string;
}

export interface ClaimCheckOptions {
  readonly place: Place;
  readonly send: Send;
  readonly notify: Notify;
  /** Ends the run before its next request. */
  readonly signal?: AbortSignal;
}

const NAMESPACES = ["Network", "Storage", "DBforPostgreSQL", "Insights", "Compute"];
const REGISTRATION = { timeoutSeconds: 900, intervalMilliseconds: 5_000 };

/** Checks every claim about Azure on a cloud, in a resource group of its own. */
export class ClaimCheck {
  readonly findings: Finding[] = [];
  private readonly manager: ResourceManager;
  /** URLs of the resources that exist because a step created them. */
  private readonly created = new Set<string>();
  private isGroupCreated = false;
  /** Why the topic's other claims can't be checked. */
  private problem: string | undefined;

  constructor(private readonly options: ClaimCheckOptions) {
    this.manager = new ResourceManager(options.send, options.signal);
  }

  /** @throws UserError if the subscription can't be used */
  async run(): Promise<void> {
    const { place } = this.options;
    for (const namespace of NAMESPACES) await this.register(`Microsoft.${namespace}`);
    this.isGroupCreated = true;
    const group = put(place.group, { location: place.location });
    this.require("create the resource group", await this.manager.run(group));
    this.created.add(group.url);
    for (const { name, steps } of TOPICS) {
      this.options.notify(name);
      this.problem = undefined;
      for (const step of steps(place)) await this.take(step);
    }
  }

  /** Deletes the group with all that the run created. @throws UserError with the command that deletes it */
  async cleanUp(): Promise<void> {
    if (!this.isGroupCreated) return;
    const { place, send } = this.options;
    const name = place.group.split("/").pop();
    // Not stopped by the signal that stopped the run.
    const result = await new ResourceManager(send)
      .run(remove(place.group))
      .then((outcome) => isSuccess(outcome) || outcome.status === 404 || describe(outcome))
      .catch((error: unknown) => (error as Error).message);
    if (result === true) return;
    throw new UserError(
      `The resource group ${name} wasn't deleted: ${result}. ` +
        `It costs money until you delete it: az group delete --name ${name}`,
    );
  }

  private async take(step: Step): Promise<void> {
    const { signal } = this.options;
    try {
      if (signal?.aborted) this.problem = "the run was stopped";
      if (!isClaim(step)) this.problem ??= await this.setUp(step.setUp);
      else if (this.problem === undefined) this.report(await this.check(step));
    } catch (error) {
      this.problem = signal?.aborted ? "the run was stopped" : (error as Error).message;
    }
    if (isClaim(step) && this.problem !== undefined) {
      this.report({ ...step, result: "not checked", reason: this.problem });
    }
  }

  private report(finding: Finding): void {
    this.findings.push(finding);
    const { states, result, reason, outcome } = finding;
    const details = { differs: outcome && describe(outcome), "not checked": reason } as Partial<
      Record<Result, string>
    >;
    this.options.notify(`  ${result}: ${states}${details[result] ? ` (${details[result]})` : ""}`);
  }

  private async check(claim: Claim): Promise<Finding> {
    const { request, expected } = claim;
    let outcome = await this.manager.run(request, expected.code);
    if (expected.body && outcome.ended) {
      const { body } = await this.manager.run({ method: "GET", url: request.url });
      outcome = { ...outcome, body };
    }
    if (expected.code === undefined) this.noteCreated(request, outcome);
    else await this.undo(request, outcome);
    return { ...claim, outcome, result: compare(expected, outcome) };
  }

  private noteCreated({ method, url }: Request, outcome: Outcome): void {
    if (method === "PUT" && isSuccess(outcome)) this.created.add(url);
  }

  /** Deletes what was created although the claim says that it is refused, possibly outside the group. */
  private async undo({ method, url }: Request, outcome: Outcome): Promise<void> {
    if (method !== "PUT" || !isSuccess(outcome) || this.created.has(url)) return;
    await this.manager.run({ method: "DELETE", url });
  }

  private async setUp(request: Request): Promise<string | undefined> {
    const outcome = await this.manager.run(request);
    this.noteCreated(request, outcome);
    if (isSuccess(outcome)) return undefined;
    return `${request.method} ${request.url.split("?")[0]} failed: ${describe(outcome)}`;
  }

  private async register(namespace: string): Promise<void> {
    const { subscription } = this.options.place;
    const provider = (method: Request["method"], action = "") =>
      this.manager.run({
        method,
        url: `${subscription}/providers/${namespace}${action}?api-version=${RESOURCES_API_VERSIONS[0]}`,
      });
    const isRegistered = async () => {
      const outcome = await provider("GET");
      this.require(`read the resource provider ${namespace}`, outcome);
      return (outcome.body as { registrationState?: string }).registrationState === "Registered";
    };
    if (await isRegistered()) return;
    this.require(
      `register the resource provider ${namespace}`,
      await provider("POST", "/register"),
    );
    await pollUntil(isRegistered, { what: `the registration of ${namespace}`, ...REGISTRATION });
  }

  private require(what: string, outcome: Outcome): void {
    if (isSuccess(outcome)) return;
    throw new UserError(`The subscription doesn't let you ${what}: ${describe(outcome)}`);
  }
}

const isSuccess = ({ status, ended = "Succeeded" }: Outcome): boolean =>
  status < 300 && ended === "Succeeded";

/** `400 InvalidParameterValue`, `202, then Failed OperationFailed`. */
export function describe({
  status,
  ended,
  code,
}: Omit<Partial<Outcome>, "body" | "message">): string {
  const answer = [status, ended].filter((part) => part !== undefined).join(", then ");
  return [answer || "any success", code].filter((part) => part !== undefined).join(" ");
}

function compare(expected: Expected, outcome: Outcome): Result {
  const isSame =
    (expected.status === undefined ? outcome.status < 300 : expected.status === outcome.status) &&
    (expected.ended === undefined || expected.ended === outcome.ended) &&
    expected.code === outcome.code &&
    contains(outcome.body, expected.body ?? {});
  if (!isSame) return "differs";
  return expected.message?.test(outcome.message ?? "") === false ? "other words" : "confirmed";
}

/** Whether a value has all properties of the expected one; arrays have the same length. */
function contains(value: unknown, expected: unknown): boolean {
  if (typeof expected !== "object" || expected === null) return value === expected;
  if (typeof value !== "object" || value === null) return Object.keys(expected).length === 0;
  if (Array.isArray(expected) && (value as unknown[]).length !== expected.length) return false;
  return Object.entries(expected).every(([key, member]) =>
    contains((value as Record<string, unknown>)[key], member),
  );
}
