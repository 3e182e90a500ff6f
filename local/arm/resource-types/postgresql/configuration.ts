import { z } from "zod";
import { FlexibleServers } from "../../../backends/postgres";
import { InvalidParameterError } from "../../../backends/postgres/parameters";
import { ArmError, resourceNotFound } from "../../arm-error";
import { ResourceRecord } from "../../resource-store";
import { resourceType, ResourceType } from "../../resource-type";
import { API_VERSIONS, serverLock, serverName, SERVERS } from "./common";

const BODY = z.strictObject({
  properties: z.strictObject({
    value: z.string(),
    source: z.enum(["user-override", "system-default"]).optional(),
  }),
});

/** Server parameters: there from the start, written by PUT, never deleted. */
export function configuration(servers: FlexibleServers): ResourceType {
  return resourceType({
    type: `${SERVERS}/configurations`,
    apiVersions: API_VERSIONS,
    schema: BODY,
    // A value without its source is the user's, so nothing of what stands is merged in.
    patch: { schema: BODY, merged: false },
    deletable: false,
    asynchronous: ["PUT", "PATCH"],
    lock: serverLock,
    put: async ({ id, name, body }) => {
      try {
        await servers.setParameter(serverName(id), name, body.properties.value);
      } catch (error) {
        if (error instanceof InvalidParameterError) {
          throw new ArmError(400, "InvalidParameterValue", error.message);
        }
        throw error;
      }
      return { properties: {} };
    },
    show: async (record: ResourceRecord) => {
      const parameter = await servers.parameter(serverName(record.id), record.name);
      if (!parameter) throw resourceNotFound(record.id);
      return { properties: { ...parameter.properties } };
    },
    find: async (id, names) => {
      const parameter = await servers.parameter(names[0] ?? "", names.at(-1) ?? "");
      return parameter && { properties: { ...parameter.properties } };
    },
    list: async (parent) =>
      (await servers.parameters(serverName(parent))).map(({ name, properties }) => ({
        name,
        shown: { properties: { ...properties } },
      })),
  });
}
