import { z } from "zod";

/** Parts that many bodies share. */
export const TAGS = z.record(z.string(), z.string()).optional();
/** The only thing that PATCH of a network resource takes, as Azure's UpdateTags. */
export const TAGS_PATCH = { schema: z.strictObject({ tags: TAGS }) };
export const LOCATION = z.string();
export const SUB_RESOURCE = z.strictObject({ id: z.string() });

/** Azure's provisioningState of what stands. */
export const SUCCEEDED = { provisioningState: "Succeeded" } as const;
