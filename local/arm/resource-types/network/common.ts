import { ArmError } from "../../arm-error";

/** azure-native's, and that of @azure/arm-network 36: what local Azure takes and shows is the same in both. */
export const API_VERSIONS = ["2024-05-01", "2025-05-01"];

/**
 * The rule of nearly all names of Microsoft.Network.
 * Source: Azure's "Naming rules and restrictions"; the text is that of the error InvalidResourceName.
 */
export function requireNetworkName(name: string): void {
  if (/^\w([\w.-]{0,78}\w)?$/.test(name)) return;
  throw new ArmError(
    400,
    "InvalidResourceName",
    `Resource name ${name} is invalid. The name can be up to 80 characters long. It must begin with a word character, ` +
      "and it must end with a word character or with '_'. The name may contain word characters or '.', '-', '_'.",
  );
}
