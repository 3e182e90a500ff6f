import { z } from "zod";
import { ArmError } from "../arm-error";
import { resourceType, type Shown } from "../resource-type";
import { BLOB_SERVICES } from "../resource-type-names";

const SOFT_DELETE = z.strictObject({
  enabled: z.boolean().optional(),
  days: z.int().min(1).max(365).optional(),
});

const KEEPS_NOTHING: Shown = {
  properties: {
    deleteRetentionPolicy: { enabled: false },
    containerDeleteRetentionPolicy: { enabled: false },
  },
};

/** An account's settings of blobs. Stored only: Azurite 3.35.0 keeps no versions and no deleted blobs. */
export const blobService = resourceType({
  type: BLOB_SERVICES,
  apiVersions: ["2024-01-01"],
  deletable: false,
  createdStatus: 200,
  requireValidName: (name) => {
    if (name === "default") return;
    throw new ArmError(400, "InvalidResourceName", `'${name}' is not valid; it is 'default'.`);
  },
  schema: z.strictObject({
    properties: z
      .strictObject({
        isVersioningEnabled: z.boolean().optional(),
        deleteRetentionPolicy: SOFT_DELETE.optional(),
        containerDeleteRetentionPolicy: SOFT_DELETE.optional(),
      })
      .optional(),
  }),
  find: async () => KEEPS_NOTHING,
  put: ({ body, existing }) => {
    const before = (existing?.shown ?? KEEPS_NOTHING).properties as object;
    return { properties: { ...before, ...body.properties } };
  },
});
