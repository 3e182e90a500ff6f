import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type ResourceManager } from "../../azure/resource-manager";
import { isObject } from "../../common/json";
import { type Notify } from "../../common/notify";
import { UserError } from "../../common/user-error";

export interface EnsureOptions {
  readonly send: ResourceManager["send"];
  readonly notify: Notify;
  /** @default 2 */
  readonly pollSeconds?: number;
  /** The longest time of one operation. @default 600 */
  readonly timeoutSeconds?: number;
}

type Properties = Readonly<Record<string, unknown>>;

export interface Wanted {
  /** For messages: `storage account "pgauditstate1"`. */
  readonly what: string;
  /** Its resource id. */
  readonly id: string;
  readonly apiVersion: string;
  /** The body of the PUT that creates it. */
  readonly body: Readonly<Record<string, unknown>> & { readonly properties?: Properties };
  /** How an existing one gets the properties that differ; one without it stays as it is. */
  readonly update?: "PATCH" | "PUT";
}

const RESOURCE = z.looseObject({
  location: z.string().optional(),
  properties: z.looseObject({ provisioningState: z.string().optional() }).nullish(),
});
export type Resource = z.infer<typeof RESOURCE>;

const ERROR = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** What the Resource Manager refused. */
export class RefusedError extends UserError {
  constructor(
    what: string,
    status: number,
    readonly code: string,
    message: string,
  ) {
    super(`${what}: Azure answered ${status} ${code}: ${message}`);
  }
}

/**
 * Creates a resource that is missing; an existing one gets only the properties that differ, so that what somebody added to it
 * stays, and a second run writes nothing. Waits until Azure has finished, also what an interrupted run began.
 * @returns what Azure shows of it
 * @throws RefusedError with Azure's code and text
 */
export async function ensure(wanted: Wanted, options: EnsureOptions): Promise<Resource> {
  const { what, body, update } = wanted;
  const { notify } = options;
  const before = await settled(wanted, options, true);
  if (!before) {
    notify(`Creating the ${what}.`);
    return write("PUT", wanted, body, options);
  }
  const shown = before.properties ?? {};
  const differing = Object.entries(body.properties ?? {}).filter(
    ([name, value]) => !includes(shown[name], value),
  );
  if (!update || differing.length === 0) return before;
  notify(`Changing the ${what}: ${differing.map(([name]) => name).join(", ")}.`);
  const changed = Object.fromEntries(differing);
  // A PUT resets what it omits.
  const properties: Properties = update === "PUT" ? { ...shown, ...changed } : changed;
  return write(update, wanted, { properties }, options);
}

/** Whether the shown value has all of the wanted one; Azure adds to objects what was left out. */
function includes(shown: unknown, wanted: unknown): boolean {
  if (!isObject(wanted)) return isDeepStrictEqual(shown, wanted);
  return (
    isObject(shown) && Object.entries(wanted).every(([name, value]) => includes(shown[name], value))
  );
}

async function write(
  method: "PUT" | "PATCH",
  wanted: Wanted,
  body: object,
  options: EnsureOptions,
): Promise<Resource> {
  await send(method, wanted, options, body);
  const shown = await settled(wanted, options, false);
  if (!shown) throw new UserError(`the ${wanted.what} is gone after its creation`);
  return shown;
}

/** The resource when no operation works on it. @param mayBeMissing returns undefined where there is none */
async function settled(
  wanted: Wanted,
  options: EnsureOptions,
  mayBeMissing: boolean,
): Promise<Resource | undefined> {
  const { pollSeconds = 2, timeoutSeconds = 600 } = options;
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const { status, body } = await send("GET", wanted, options);
    if (status === 404 && mayBeMissing) return undefined;
    const resource = status === 404 ? undefined : RESOURCE.parse(body);
    const state = resource?.properties?.provisioningState ?? "Succeeded";
    if (resource && state === "Succeeded") return resource;
    if (state === "Failed" || state === "Canceled") {
      throw new UserError(`the ${wanted.what} is ${state}; delete it and run this again`);
    }
    if (Date.now() >= deadline) {
      const now = resource ? state : "not there";
      throw new UserError(
        `the ${wanted.what} is still ${now} after ${timeoutSeconds} s; run this again later`,
      );
    }
    await delay(pollSeconds * 1000);
  }
}

/** @throws RefusedError for every error but 404 of a GET */
async function send(
  method: string,
  { what, id, apiVersion }: Wanted,
  { send: request }: EnsureOptions,
  body?: object,
): Promise<{ status: number; body: unknown }> {
  const answer = await request(method, `${id}?api-version=${apiVersion}`, body);
  if (answer.status < 400 || (method === "GET" && answer.status === 404)) return answer;
  const { code, message } = ERROR.safeParse(answer.body).data?.error ?? {
    ...{ code: "", message: JSON.stringify(answer.body) },
  };
  throw new RefusedError(what, answer.status, code, message);
}
