import {
  type CreateRequest,
  type Inputs,
  PartialFailure,
  type ReadResult,
  type ResourceHandler,
  type UpdateRequest,
} from "../protocol";
import { type ArmClient, ArmRequestError, UnfinishedOperationError } from "./arm-client";
import { pathInputs, resourceId, toBody, toOutputs } from "./body";
import { CREATE_BEFORE_DELETE, diffResource } from "./diff";
import { importedInputs, refreshedInputs, without } from "./inputs";
import { automaticName } from "./names";
import { type ResourceSpec } from "./resource-spec";

/** Time limit of the request for the resource after an interruption. */
const LAST_GET_MILLISECONDS = 10_000;

/** One resource type of azure-native, implemented with the Resource Manager's API. */
export function resourceHandler(
  spec: ResourceSpec,
  client: () => Promise<ArmClient>,
): ResourceHandler {
  const { apiVersion } = spec;
  const put = async (id: string, inputs: Inputs, signal: AbortSignal): Promise<Inputs> => {
    const arm = await client();
    const body = toBody(spec, inputs);
    try {
      const response = await arm.call({ method: "PUT", path: id, apiVersion, body, signal });
      return toOutputs(spec, response ?? {});
    } catch (error) {
      if (!signal.aborted && !(error instanceof UnfinishedOperationError)) throw error;
      throw await partialFailure(spec, arm, { id, inputs, error: error as Error, signal });
    }
  };
  return {
    async check({ name, olds, news, randomSeed }) {
      return { inputs: withDefaults(spec, name, olds, news, randomSeed) };
    },
    async diff(request) {
      return diffResource(spec, request);
    },
    async create({ inputs, preview, log, signal }: CreateRequest) {
      if (spec.notice !== undefined) log.warn(spec.notice);
      if (preview) return { id: "", outputs: previewOutputs(spec, inputs) };
      const arm = await client();
      const id = resourceId(spec, inputs, arm.subscriptionId);
      if (!spec.reset && (await get(spec, arm, id, signal))) {
        throw new Error(`cannot create already existing resource '${id}'`);
      }
      return { id, outputs: await put(id, inputs, signal) };
    },
    async update({ id, olds, news, preview, signal }: UpdateRequest) {
      if (!preview) return put(id, news, signal);
      // The only other outputs that azure-native knows in a preview.
      const { name, location } = olds;
      return { ...previewOutputs(spec, news), name, location };
    },
    async read({ id, inputs, state, signal }): Promise<ReadResult | undefined> {
      const outputs = await get(spec, await client(), id, signal);
      if (!outputs) return undefined;
      const read = inputs
        ? refreshedInputs(spec, inputs, state ?? outputs, outputs)
        : importedInputs(spec, id, outputs);
      return { id, inputs: read, outputs };
    },
    async delete({ id, signal }) {
      const arm = await client();
      if (spec.reset) return reset(spec, arm, id, signal);
      await arm.call({ method: "DELETE", path: id, apiVersion, signal }).catch(ignoreNotFound);
    },
  };
}

/** The program's inputs with the inputs that azure-native adds: a name, and the api-version. */
function withDefaults(
  spec: ResourceSpec,
  name: string,
  olds: Inputs,
  news: Inputs,
  randomSeed: Uint8Array,
): Inputs {
  const inputs: Inputs = { azureApiVersion: spec.apiVersion, ...news };
  const automatic = automaticName(spec, name, randomSeed);
  if (inputs[automatic.input] !== undefined) return inputs;
  const before = olds[automatic.input];
  const isRandom = before === undefined ? automatic.isRandom : olds[CREATE_BEFORE_DELETE] === true;
  return {
    ...inputs,
    [automatic.input]: before ?? automatic.value,
    ...(isRandom ? { [CREATE_BEFORE_DELETE]: true } : {}),
  };
}

/**
 * Sets a server parameter to its default and keeps its source; writes any other resource with the empty default that
 * azure-native has for it. Sources: its custom_postgres_config.go, default_state.go and, for singletons, `Delete`.
 */
async function reset(
  spec: ResourceSpec,
  arm: ArmClient,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { apiVersion } = spec;
  if (spec.reset === "empty body") {
    await arm.call({ method: "PUT", path: id, apiVersion, body: {}, signal });
    return;
  }
  const now = toOutputs(
    spec,
    (await arm.call({ method: "GET", path: id, apiVersion, signal })) ?? {},
  );
  const body = { properties: { value: now.defaultValue, source: now.source } };
  await arm.call({ method: "PUT", path: id, apiVersion, body, signal });
}

/**
 * The state that the engine records after a PUT that Azure accepted and that failed or was interrupted: the next `up` is
 * an update. azure-native records the response of GET. Where GET returns nothing yet, azure-native records nothing, and the
 * next `up` fails with "already existing"; the stand-in records the inputs, so that the next `up` continues.
 */
async function partialFailure(
  spec: ResourceSpec,
  arm: ArmClient,
  failed: {
    readonly id: string;
    readonly inputs: Inputs;
    readonly error: Error;
    readonly signal: AbortSignal;
  },
): Promise<Error> {
  const { id, inputs, error, signal } = failed;
  const lastGet = AbortSignal.timeout(LAST_GET_MILLISECONDS);
  const shown = await get(spec, arm, id, lastGet).catch(() => undefined);
  if (!shown && !signal.aborted) {
    return error instanceof UnfinishedOperationError ? error.cause : error;
  }
  return new PartialFailure(id, shown ?? previewOutputs(spec, inputs), [error.message]);
}

async function get(
  spec: ResourceSpec,
  arm: ArmClient,
  path: string,
  signal: AbortSignal,
): Promise<Inputs | undefined> {
  const response = await arm
    .call({ method: "GET", path, apiVersion: spec.apiVersion, signal })
    .catch(ignoreNotFound);
  return response && toOutputs(spec, response);
}

function ignoreNotFound(error: unknown): undefined {
  if (error instanceof ArmRequestError && error.status === 404) return undefined;
  throw error;
}

/** The outputs that are known before the creation: the inputs, by their output names. */
function previewOutputs(spec: ResourceSpec, inputs: Inputs): Inputs {
  return without(inputs, [
    ...pathInputs(spec),
    ...(spec.writeOnly ?? []),
    CREATE_BEFORE_DELETE,
    "azureApiVersion",
  ]);
}
