import { z } from "zod";
import { tagsProblem } from "../names";
import { ruledBy, text } from "../rules";

/** Where the lab is created. */
export const PLACEMENT_KEYS = {
  location: text(/^[a-z][a-z0-9]{2,39}$/, "an Azure region's short name, like westeurope"),
  resourceGroupName: text(
    /^[-\w.()]{0,89}[-\w()]$/,
    "1 to 90 letters, digits, and . _ - ( ), not ending in a period",
  ),
  tags: z.record(z.string(), z.string()).superRefine(ruledBy(tagsProblem)),
};
