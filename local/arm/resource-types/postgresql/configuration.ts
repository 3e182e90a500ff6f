import { z } from "zod";
import { InvalidParameterError } from "../../../backends/postgres/parameters/server-parameter";
import { ArmError, resourceNotFound } from "../../arm-error";
import { type ResourceRecord } from "../../resource-store";
import { resourceType, type ResourceType } from "../../resource-type";
import { API_VERSIONS, serverLock, serverName, SERVERS } from "./common";
import { type FlexibleServerParts, requireWritable } from "./parts";
import { requireStarted } from "./server-state";

const BODY = z.strictObject({
  properties: z.strictObject({
    value: z.string().optional(),
    source: z.enum(["user-override", "system-default"]).optional(),
  }),
});

/**
 * Server parameters: there from the start, written by PUT, never deleted. A value that isn't allowed is refused at once
 * (that Azure does so isn't documented); a read-only one is accepted with 202 and fails then. Source: pulumi-azure-native 898.
 */
export function configuration(parts: FlexibleServerParts): ResourceType {
  const { servers } = parts;
  /** The parameters of a stopped server can't be read either. */
  const started = (name: string): string => {
    requireStarted(servers, name);
    return name;
  };
  return resourceType({
    type: `${SERVERS}/configurations`,
    apiVersions: API_VERSIONS,
    schema: BODY,
    // A value without its source is the user's, so nothing of what stands is merged in.
    patch: { schema: BODY, merged: false },
    deletable: false,
    asynchronous: ["PUT", "PATCH"],
    lock: serverLock,
    validate: async ({ id, name, body }) => {
      requireWritable(parts, id);
      await asArmError(() => servers.requireValidChange(serverName(id), name, body.properties));
    },
    put: async ({ id, name, body }) => {
      await asArmError(() => servers.setParameter(serverName(id), name, body.properties));
      return { properties: {} };
    },
    show: async (record: ResourceRecord) => {
      const parameter = await servers.parameter(started(serverName(record.id)), record.name);
      if (!parameter) throw resourceNotFound(record.id);
      return { properties: { ...parameter.properties } };
    },
    find: async (id, names) => {
      const parameter = await servers.parameter(started(names[0] ?? ""), names.at(-1) ?? "");
      return parameter && { properties: { ...parameter.properties } };
    },
    list: async (parent) =>
      (await servers.parameters(started(serverName(parent)))).map(({ name, properties }) => ({
        name,
        shown: { properties: { ...properties } },
      })),
  });
}

async function asArmError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidParameterError) throw new ArmError(400, error.code, error.message);
    throw error;
  }
}
