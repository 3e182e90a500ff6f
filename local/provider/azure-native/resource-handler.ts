import {
  diffInputs,
  Inputs,
  isObject,
  ReadResult,
  ResourceHandler,
  UpdateRequest,
  CreateRequest,
} from "../protocol";
import { ArmClient, ArmRequestError } from "./arm-client";
import { inputsFromId, pathInputs, resourceId, toBody, toOutputs } from "./body";
import { automaticName } from "./names";
import { ResourceSpec } from "./resource-spec";

/** One resource type of azure-native over the Resource Manager's API. */
export function resourceHandler(
  spec: ResourceSpec,
  client: () => Promise<ArmClient>,
): ResourceHandler {
  const put = async (id: string, inputs: Inputs, signal: AbortSignal): Promise<Inputs> => {
    const { apiVersion } = spec;
    const arm = await client();
    const body = toBody(spec, inputs);
    const response = await arm.call({ method: "PUT", path: id, apiVersion, body, signal });
    return toOutputs(spec, response ?? {});
  };
  return {
    async check({ name, olds, news, randomSeed }) {
      const { named } = spec;
      if (!named || news[named.input] !== undefined) return { inputs: news };
      const given = olds[named.input] ?? automaticName(name, randomSeed, named.style);
      return { inputs: { ...news, [named.input]: given } };
    },
    async diff({ oldInputs, news }) {
      const replaceOn = [...pathInputs(spec), ...spec.replaceOn];
      return { changes: diffInputs(oldInputs, news, { replaceOn }) };
    },
    async create({ inputs, preview, signal }: CreateRequest) {
      if (preview) return { id: "", outputs: previewOutputs(spec, inputs) };
      const id = resourceId(spec, inputs, (await client()).subscriptionId);
      return { id, outputs: await put(id, inputs, signal) };
    },
    async update({ id, olds, news, preview, signal }: UpdateRequest) {
      if (preview) return { ...olds, ...previewOutputs(spec, news) };
      return put(id, news, signal);
    },
    async read({ id, inputs, signal }): Promise<ReadResult | undefined> {
      const outputs = await get(spec, await client(), id, signal);
      if (!outputs) return undefined;
      const read = inputs
        ? (project(inputs, outputs) as Inputs)
        : { ...importedInputs(spec, outputs), ...inputsFromId(spec, id) };
      return { id, inputs: read, outputs };
    },
    async delete({ id, signal }) {
      const arm = await client();
      const { apiVersion } = spec;
      if (spec.reset) return reset(spec, arm, id, signal);
      await arm.call({ method: "DELETE", path: id, apiVersion, signal }).catch(ignoreNotFound);
    },
  };
}

/** A server parameter can't be deleted: it gets its default again. */
async function reset(
  spec: ResourceSpec,
  arm: ArmClient,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { apiVersion } = spec;
  const now = await get(spec, arm, id, signal);
  if (!now) return;
  const body = { properties: { value: now.defaultValue, source: "user-override" } };
  await arm.call({ method: "PUT", path: id, apiVersion, body, signal }).catch(ignoreNotFound);
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

/** What is known of a resource before it is made: its inputs under their names as outputs, its own name. */
function previewOutputs(spec: ResourceSpec, inputs: Inputs): Inputs {
  const inPath = new Set(pathInputs(spec));
  const secret = new Set(spec.writeOnly);
  const known = Object.entries(inputs).filter(([name]) => !inPath.has(name) && !secret.has(name));
  const name = spec.named && inputs[spec.named.input];
  return { ...Object.fromEntries(known), ...(name === undefined ? {} : { name }) };
}

/** Old inputs with the values that the resource has now; what it doesn't show stays as it was. */
function project(before: unknown, now: unknown): unknown {
  if (now === undefined || now === null) return before;
  if (isObject(before) && isObject(now)) {
    return Object.fromEntries(
      Object.entries(before).map(([name, value]) => [name, project(value, now[name])]),
    );
  }
  if (Array.isArray(before) && Array.isArray(now) && before.length === now.length) {
    return before.map((member, index) => project(member, now[index]));
  }
  return sameWord(before, now) ? before : now;
}

/** Azure gives locations and ids back in its own letter case. */
const sameWord = (a: unknown, b: unknown): boolean =>
  typeof a === "string" && typeof b === "string" && a.toLowerCase() === b.toLowerCase();

function importedInputs(spec: ResourceSpec, outputs: Inputs): Inputs {
  const readOnly = new Set([...spec.readOnly, "name"]);
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => !readOnly.has(name)));
}
