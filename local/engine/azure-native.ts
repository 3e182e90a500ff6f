import { UserError } from "../../common/user-error";

export const AZURE_NATIVE_KINDS = ["stand-in", "real"] as const;

/** Which azure-native plugin drives local Azure. */
export type AzureNativeKind = (typeof AZURE_NATIVE_KINDS)[number];

/** What LAB_AZURE_NATIVE names. @default "stand-in" @throws UserError for another word */
export function azureNativeFromEnvironment(env: NodeJS.ProcessEnv): AzureNativeKind {
  const value = env.LAB_AZURE_NATIVE || "stand-in";
  const kind = AZURE_NATIVE_KINDS.find((known) => known === value);
  if (kind) return kind;
  throw new UserError(
    `LAB_AZURE_NATIVE is '${value}'; it takes ${AZURE_NATIVE_KINDS.join(" or ")}, or leave it unset for stand-in.`,
  );
}
