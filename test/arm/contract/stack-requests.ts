import {
  type ArmClient,
  type ArmRequest,
  ArmRequestError,
} from "../../../local/provider/azure-native/arm-client";
import { invokes } from "../../../local/provider/azure-native/provider";
import { resourceHandler } from "../../../local/provider/azure-native/resource-handler";
import { SPECS } from "../../../local/provider/azure-native/specs";
import type { EngineLog } from "../../../local/provider/protocol";
import { type ProgramRun, runProgram } from "../../unit/support/program";
import { type Registration, SUBSCRIPTION } from "../../unit/support/recorder";
import { VARIANTS_THAT_SEND_ALL } from "./stack-variants";

type Body = Record<string, unknown>;

/** A request of the provider, and its purpose. */
export interface StackRequest {
  /** `update of postgres`. */
  readonly purpose: string;
  readonly request: ArmRequest;
}

const CONFIGURATION = "/configurations/";
const SEED = new Uint8Array([1]);
const IGNORE = () => undefined;
const UNUSED_LOG: EngineLog = { warn: IGNORE, error: IGNORE, status: IGNORE };

/** Replaces the Resource Manager: records the requests, and returns the resources that were put. */
class RecordingArm {
  readonly requests: ArmRequest[] = [];
  readonly subscriptionId = SUBSCRIPTION;
  readonly signedIn = { tenantId: "tenant", clientId: "client" };
  private readonly resources = new Map<string, Body>();

  call = async (request: ArmRequest): Promise<Body | undefined> => {
    const { method, path, apiVersion } = request;
    // As sent: without undefined members.
    const body = jsonCopy(request.body) as Body | undefined;
    this.requests.push({ method, path, apiVersion, body });
    switch (method) {
      case "PUT":
        this.resources.set(path, { id: path, ...body });
        return this.resources.get(path);
      case "GET":
        return this.show(path);
      case "DELETE":
        this.resources.delete(path);
        return undefined;
      default:
        return {};
    }
  };

  /** @param hasAll whether it has every resource, as one that isn't of the stack */
  constructor(private readonly hasAll = false) {}

  private show(path: string): Body {
    const resource = this.resources.get(path) ?? (this.hasAll ? { id: path } : undefined);
    if (!resource) throw new ArmRequestError(404, "ResourceNotFound", path);
    if (!path.includes(CONFIGURATION)) return resource;
    // A server parameter also has a default value.
    const properties = { ...(resource.properties as Body), defaultValue: "the default" };
    return { ...resource, properties };
  }
}

/** Every request that the provider sends when a program is deployed, changed and destroyed. */
export async function stackRequests({ recorder }: ProgramRun): Promise<StackRequest[]> {
  const requests: StackRequest[] = [];
  for (const registration of recorder.resources) {
    if (registration.type.startsWith("azure-native:")) {
      requests.push(...(await resourceRequests(registration)));
    }
  }
  for (const { token, inputs } of recorder.calls) {
    requests.push(...(await functionRequests(token, inputs)));
  }
  return requests;
}

/** The functions of azure-native that the stand-in supports. */
export const FUNCTIONS: readonly string[] = [...functionsOver(new RecordingArm()).keys()];

/** The requests of a function of azure-native. */
export async function functionRequests(token: string, args: Body): Promise<StackRequest[]> {
  const arm = new RecordingArm(true);
  const call = functionsOver(arm).get(token);
  if (!call) throw new Error(`the stand-in of azure-native has no function ${token}`);
  await call(args);
  return arm.requests.map((request) => ({ purpose: `call of ${token}`, request }));
}

function functionsOver(arm: RecordingArm): ReturnType<typeof invokes> {
  return invokes(async () => arm as unknown as ArmClient);
}

/** Requests for every kind of resource and every function of the stack. */
export async function requestsOfEveryKind(): Promise<StackRequest[]> {
  const requests: StackRequest[] = [];
  for (const { settings } of VARIANTS_THAT_SEND_ALL) {
    requests.push(...(await stackRequests(await runProgram(settings))));
  }
  return requests;
}

async function resourceRequests({
  type,
  name,
  inputs: news,
}: Registration): Promise<StackRequest[]> {
  const spec = SPECS.get(type);
  if (!spec) throw new Error(`the stand-in of azure-native has no ${type}, which ${name} is`);
  const arm = new RecordingArm();
  const handler = resourceHandler(spec, async () => arm as unknown as ArmClient);
  const { signal } = new AbortController();
  const request = { urn: name, type, name, log: UNUSED_LOG, timeoutSeconds: 0, signal };
  const secretInputs = new Set<string>();
  const created: StackRequest[] = [];
  const step = async <T>(purpose: string, work: () => Promise<T>): Promise<T> => {
    const result = await work();
    for (const sent of arm.requests.splice(0)) {
      created.push({ purpose: `${purpose} of ${name}`, request: sent });
    }
    return result;
  };

  const checked = await handler.check?.({ ...request, olds: {}, news, randomSeed: SEED });
  const inputs = checked?.inputs ?? news;
  const { id, outputs } = await step("creation", () =>
    handler.create({ ...request, inputs, secretInputs, preview: false }),
  );
  const update = { ...request, id, oldInputs: inputs, olds: outputs, news: inputs, secretInputs };
  await step("update", async () => handler.update?.({ ...update, preview: false }));
  await step("deletion", () => handler.delete({ ...request, id, inputs, state: outputs }));
  return created;
}

const jsonCopy = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));
