import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { type ResourceManager } from "../../azure/resource-manager";
import type { Notify } from "../../common/notify";
import { UserError } from "../../common/user-error";
import { pathInputs, resourceId, toOutputs } from "../../local/provider/azure-native/body";
import { CREATE_BEFORE_DELETE } from "../../local/provider/azure-native/diff";
import { type ResourceSpec } from "../../local/provider/azure-native/resource-spec";
import { SPECS } from "../../local/provider/azure-native/specs";
import { type Adopted } from "./adopt";
import { type Candidate, resourcesOf } from "./candidates";
import { type Exported, type StateResource } from "./stack-state";

const RESOURCE_GROUP = "azure-native:resources:ResourceGroup";
const RESOURCES_API_VERSION = "2024-03-01";
/** Longer than Azure takes to create a flexible server or a VM. */
const OPERATION_SECONDS = 30 * 60;
const POLL_SECONDS = 2;

/** States in which no operation works on a resource, in `provisioningState` or, for a flexible server, in `state`. */
const AT_REST = ["Succeeded", "Failed", "Canceled", "Ready", "Stopped", "Disabled", "Inaccessible"];

const SHOWN = z.looseObject({
  location: z.string().optional(),
  tags: z.record(z.string(), z.string()).nullish(),
  properties: z
    .looseObject({ provisioningState: z.string().optional(), state: z.string().optional() })
    .nullish(),
});
type Shown = z.infer<typeof SHOWN>;

const LIST = z.object({ value: z.array(z.object({ id: z.string() })) });

interface Located {
  readonly resource: StateResource;
  readonly id: string;
  readonly spec: ResourceSpec;
}

export interface CloudOptions {
  readonly send: ResourceManager["send"];
  /** Of new resources; the ids in the state name it too. */
  readonly subscriptionId: string | undefined;
  /** Whether nobody else creates resources in the subscription. */
  readonly ownsSubscription: boolean;
  readonly notify: Notify;
}

/** What exists in the cloud of what the state doesn't know. */
export interface Findings {
  readonly adopted: readonly Adopted[];
  /** Resources that exist and are perhaps somebody else's: one line each. */
  readonly foreign: readonly string[];
}

/** Looks for resources of azure-native that a stack's state has no record of; the other providers' can be created again. */
export class CloudResources {
  private readonly known: ReadonlySet<string>;
  private readonly groups: readonly string[];
  private readonly subscriptionId: string | undefined;

  constructor(
    state: Exported,
    private readonly options: CloudOptions,
  ) {
    const managed = resourcesOf(state).filter(
      ({ id, external, pendingReplacement }) => id && !external && !pendingReplacement,
    );
    this.known = new Set(managed.map(({ id = "" }) => id.toLowerCase()));
    this.groups = managed
      .filter(({ type }) => type === RESOURCE_GROUP)
      .map(({ id = "" }) => id.toLowerCase());
    this.subscriptionId =
      /^\/subscriptions\/([^/]+)/i.exec(this.groups[0] ?? "")?.[1] ?? options.subscriptionId;
  }

  async find(candidates: readonly Candidate[]): Promise<Findings> {
    const adopted: Adopted[] = [];
    const foreign: string[] = [];
    for (const candidate of candidates) {
      const found = await this.locate(candidate);
      if (!found) continue;
      const { spec, id, resource } = found;
      const shown = await this.atRest(id, spec.apiVersion);
      if (!shown) continue;
      if (await this.isOurs(candidate, id, shown)) {
        adopted.push({ resource, id, outputs: toOutputs(spec, shown) });
      } else foreign.push(foreignLine(resource, id));
    }
    return { adopted, foreign };
  }

  /**
   * Waits until no operation works on any of the state's resources, such as the deletion that an interrupted update began.
   * @returns whether there was any, so that the state isn't up to date
   */
  async waitForRest(state: Exported): Promise<boolean> {
    const moving = resourcesOf(state).flatMap(({ type, id, outputs }) => {
      const spec = SPECS.get(type);
      return spec && id && !spec.reset && !isAtRest(stateOf(outputs))
        ? [{ id, apiVersion: spec.apiVersion }]
        : [];
    });
    for (const { id, apiVersion } of moving) await this.atRest(id, apiVersion);
    return moving.length > 0;
  }

  /** The candidate with its id; undefined where it has none, and where the state has a resource with this id. */
  private async locate({ resource, isRecorded }: Candidate): Promise<Located | undefined> {
    const spec = SPECS.get(resource.type);
    if (!spec || spec.reset || this.subscriptionId === undefined) return undefined;
    const { inputs = {} } = resource;
    if (!pathInputs(spec).every((name) => typeof inputs[name] === "string")) return undefined;
    const id = resourceId(spec, inputs, this.subscriptionId);
    const name = inputs[CREATE_BEFORE_DELETE] === true ? pathInputs(spec).at(-1) : undefined;
    if (isRecorded || name === undefined) {
      return this.known.has(id.toLowerCase()) ? undefined : { resource, id, spec };
    }
    // Its name has a random part, which is another one in each plan.
    const existing = await this.findRandomName(spec, id);
    if (existing === undefined) return undefined;
    const named = { ...inputs, [name]: path.posix.basename(existing) };
    return { resource: { ...resource, inputs: named }, id: existing, spec };
  }

  /** The only resource in the group whose name differs from the id's in the random part and that the state doesn't know. */
  private async findRandomName(spec: ResourceSpec, id: string): Promise<string | undefined> {
    const [, group = "", type = "", name = ""] =
      /^(.*)\/providers\/([^/]+\/[^/]+)\/([^/]+)$/.exec(id) ?? [];
    const stem = /^(.*)[0-9a-f]{8}$/.exec(name)?.[1];
    if (stem === undefined || !this.groups.includes(group.toLowerCase())) return undefined;
    const listed = await this.members(`${group}/resources`, `resourceType eq '${type}'`);
    const isSimilar = (other: string) =>
      other.startsWith(stem) && /^[0-9a-f]{8}$/.test(other.slice(stem.length));
    const found = listed.filter(
      (each) => !this.known.has(each.toLowerCase()) && isSimilar(path.posix.basename(each)),
    );
    return found.length === 1 ? found[0] : undefined;
  }

  /**
   * Below a group of this stack everything that the program declares is the stack's own. A group is, where it is as declared and
   * empty, and the engine recorded that it began to create it.
   */
  private async isOurs(
    { resource, isRecorded }: Candidate,
    id: string,
    shown: Shown,
  ): Promise<boolean> {
    if (resource.type !== RESOURCE_GROUP) {
      return this.groups.some((group) => id.toLowerCase().startsWith(`${group}/`));
    }
    if (!isRecorded && !this.options.ownsSubscription) return false;
    const { location = "", tags = {} } = resource.inputs ?? {};
    return (
      plainLocation(shown.location ?? "") === plainLocation(location as string) &&
      isDeepStrictEqual(shown.tags ?? {}, tags) &&
      (await this.members(`${id}/resources`, "")).length === 0
    );
  }

  /** Ids in a list of resources. */
  private async members(path: string, filter: string): Promise<string[]> {
    const query = filter === "" ? "" : `$filter=${encodeURIComponent(filter)}&`;
    const listed = await this.get(`${path}?${query}api-version=${RESOURCES_API_VERSION}`);
    return LIST.parse(listed).value.map(({ id }) => id);
  }

  /** The resource once no operation works on it; undefined where it doesn't exist. */
  private async atRest(id: string, apiVersion: string): Promise<Shown | undefined> {
    const deadline = Date.now() + OPERATION_SECONDS * 1000;
    for (let said = ""; ;) {
      const body = await this.get(`${id}?api-version=${apiVersion}`);
      if (body === undefined) return undefined;
      const shown = SHOWN.parse(body);
      const state = stateOf(shown.properties ?? undefined);
      if (isAtRest(state)) return shown;
      if (Date.now() > deadline) {
        throw new UserError(
          `${id} has been ${state} for ${OPERATION_SECONDS / 60} minutes. Look at it in Azure, and try again later.`,
        );
      }
      if (state !== said) this.options.notify(`Waiting: ${path.posix.basename(id)} is ${state}.`);
      said = state;
      await delay(POLL_SECONDS * 1000);
    }
  }

  /** @returns undefined for 404 @throws Error for another error */
  private async get(url: string): Promise<unknown> {
    const { status, body } = await this.options.send("GET", url);
    if (status === 404) return undefined;
    if (status === 200) return body;
    throw new Error(`GET ${url} answered ${status}: ${JSON.stringify(body)}`);
  }
}

/** What an operation does with the resource at present; empty for a type that doesn't show it. */
const stateOf = ({
  provisioningState,
  state,
}: {
  readonly provisioningState?: unknown;
  readonly state?: unknown;
} = {}): string => {
  const shown = provisioningState ?? state;
  return typeof shown === "string" ? shown : "";
};

const isAtRest = (state: string): boolean => state === "" || AT_REST.includes(state);

/** `West Europe` is `westeurope`. */
const plainLocation = (location: string): string => location.replaceAll(" ", "").toLowerCase();

function foreignLine({ type, urn, parent }: StateResource, id: string): string {
  const name = nameOf(urn);
  const below =
    parent === undefined || parent.includes("pulumi:pulumi:Stack")
      ? ""
      : ` --parent '${nameOf(parent)}=${parent}'`;
  return `${id} exists, and nothing shows that it is this stack's. If it is: pulumi import ${type} ${name} '${id}'${below}`;
}

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";
