import { z } from "zod";
import { InvalidParameterError } from "../../../backends/postgres/parameters/server-parameter";
import { ArmError, resourceNotFound } from "../../arm-error";
import { type ResourceRecord } from "../../resource-store";
import { resourceType, type ResourceType } from "../../resource-type";
import { FLEXIBLE_SERVERS } from "../../resource-type-names";
import {
  API_VERSIONS,
  requireStarted,
  requireWritable,
  type ServerContext,
  serverIdOf,
  serverName,
} from "./server-state";

const BODY = z.strictObject({
  properties: z.strictObject({
    value: z.string().optional(),
    source: z.enum(["user-override", "system-default"]).optional(),
  }),
});

/**
 * Server parameters: they always exist, PUT writes them, and they can't be deleted. A value that isn't allowed is refused
 * at once (not documented for Azure); a write to a read-only parameter is accepted with 202, and the operation fails.
 * Source: pulumi-azure-native 898.
 */
export function configuration(context: ServerContext): ResourceType {
  const { servers } = context;
  /** The parameters of a stopped server can't be read. */
  const started = (name: string): string => {
    requireStarted(servers, name);
    return name;
  };
  return resourceType({
    type: `${FLEXIBLE_SERVERS}/configurations`,
    apiVersions: API_VERSIONS,
    schema: BODY,
    // A PATCH without a source means user-override, so the current source must not be merged in.
    patch: { schema: BODY, merged: false },
    deletable: false,
    asynchronous: ["PUT", "PATCH"],
    lock: serverIdOf,
    validate: async ({ id, name, body }) => {
      requireWritable(context, id);
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
