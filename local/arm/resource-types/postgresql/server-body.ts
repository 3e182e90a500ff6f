import { z } from "zod";
import { LOCATION, TAGS } from "../common";

/** The PUT body of a flexible server. */
export const SERVER_BODY = z.strictObject({
  location: LOCATION,
  tags: TAGS,
  sku: z.strictObject({
    name: z.string(),
    tier: z.enum(["Burstable", "GeneralPurpose", "MemoryOptimized"]),
  }),
  properties: z.strictObject({
    createMode: z.enum(["Default", "Create", "Update"]).optional(),
    version: z.string(),
    availabilityZone: z.enum(["", "1", "2", "3"]).optional(),
    administratorLogin: z.string(),
    /** Required for a new server; an existing one keeps its password without it. */
    administratorLoginPassword: z.string().min(8).max(128).optional(),
    storage: z.strictObject({ storageSizeGB: z.int() }).optional(),
    backup: z
      .strictObject({
        backupRetentionDays: z.int().min(7).max(35).optional(),
        geoRedundantBackup: z.enum(["Enabled", "Disabled"]).optional(),
      })
      .optional(),
    highAvailability: z
      .strictObject({
        mode: z.enum(["Disabled", "SameZone", "ZoneRedundant"]),
        standbyAvailabilityZone: z.string().optional(),
      })
      .optional(),
    authConfig: z
      .strictObject({
        passwordAuth: z.enum(["Enabled", "Disabled"]).optional(),
        activeDirectoryAuth: z.enum(["Enabled", "Disabled"]).optional(),
        tenantId: z.string().optional(),
      })
      .optional(),
    network: z
      .strictObject({
        publicNetworkAccess: z.enum(["Enabled", "Disabled"]).optional(),
        delegatedSubnetResourceId: z.string().optional(),
        privateDnsZoneArmResourceId: z.string().optional(),
      })
      .optional(),
  }),
});

export type ServerBody = z.infer<typeof SERVER_BODY>;
