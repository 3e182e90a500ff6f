import { z } from "zod";

/** Where the server's log goes besides the storage account. */
export const DESTINATION_KEYS = {
  logAnalytics: z.boolean(),
  eventHub: z.boolean(),
};
