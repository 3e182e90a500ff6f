import { z } from "zod";
import { resourceType } from "../resource-type";
import { LOCATION, SUCCEEDED, TAGS, TAGS_PATCH } from "./common";

/** The form of Windows' names. Source of the rule and the text: Azure/azure-devtestlab 753. */
const isWindowsTimeZone = (name: string): boolean =>
  /^(UTC([+-]\d\d)?|[A-Z][\w. -]* Standard Time( \(Mexico\))?)$/.test(name);

/** Local Azure only stores and shows it: no schedule stops a machine. */
export const schedule = resourceType({
  type: "Microsoft.DevTestLab/schedules",
  apiVersions: ["2018-09-15"],
  patch: TAGS_PATCH,
  schema: z.strictObject({
    location: LOCATION,
    tags: TAGS,
    properties: z.strictObject({
      taskType: z.literal("ComputeVmShutdownTask"),
      status: z.enum(["Enabled", "Disabled"]).optional(),
      dailyRecurrence: z.strictObject({ time: z.string().regex(/^\d{4}$/) }).optional(),
      timeZoneId: z.string().refine(isWindowsTimeZone, {
        error: "Property TimeZoneId must be a valid time zone.",
      }),
      targetResourceId: z.string(),
      notificationSettings: z
        .strictObject({
          status: z.enum(["Enabled", "Disabled"]).optional(),
          timeInMinutes: z.int().optional(),
          notificationLocale: z.string().optional(),
          emailRecipient: z.string().optional(),
          webhookUrl: z.string().optional(),
        })
        .optional(),
    }),
  }),
  put: ({ body }) => ({ ...body, properties: { ...body.properties, ...SUCCEEDED } }),
});
