import { z } from "zod";

/** Parts that many bodies share. */
export const TAGS = z.record(z.string(), z.string()).optional();
export const LOCATION = z.string();
export const SUB_RESOURCE = z.strictObject({ id: z.string() });

/** Azure's provisioningState of what stands. */
export const SUCCEEDED = { provisioningState: "Succeeded" } as const;
