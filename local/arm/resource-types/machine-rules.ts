import { ArmError } from "../arm-error";

/** Names that no administrator of a VM can have. Source: Azure's REST API of virtual machines, osProfile.adminUsername. */
const RESERVED_USERNAMES: ReadonlySet<string> = new Set([
  ...["administrator", "admin", "user", "user1", "test", "user2", "test1", "user3", "admin1", "1"],
  ...["123", "a", "actuser", "adm", "admin2", "aspnet", "backup", "console", "david", "guest"],
  ...["john", "owner", "root", "server", "sql", "support", "support_388945a0", "sys", "test2"],
  ...["test3", "user4", "user5"],
]);

/** Source of the rule: Azure's "Naming rules and restrictions", Microsoft.Compute, for Linux. */
export function requireMachineName(name: string): void {
  if (/^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,62}[a-zA-Z0-9_])?$/.test(name)) return;
  throw invalidParameter(
    `The VM name '${name}' is not valid: it takes 1 to 64 letters, digits, hyphens, dots and underscores, begins with a letter or digit, and doesn't end with a dot or hyphen.`,
  );
}

/** Source of code and text: hashicorp/terraform 5793, azure-docs 27881. */
export function requireAdminUsername(name: string): void {
  if (!RESERVED_USERNAMES.has(name.toLowerCase()) && /^[^\s"/\\[\]:|<>+=;,?*@&]{1,64}$/.test(name))
    return;
  throw invalidParameter("The Admin Username specified is not allowed.");
}

/** Any size whose name has the form of Azure's: which there are changes by region and subscription. */
export function requireSize(size: string): void {
  if (
    /^(Basic_A|Standard_[A-Z]{1,3})\d+[a-z-]*(\d+[a-z]*)?(_[A-Z0-9]+)?(_v\d+)?(_Promo)?$/.test(size)
  )
    return;
  throw invalidParameter(
    `The value ${size} provided for the VM size is not valid. A size looks like Standard_B2s.`,
  );
}

const invalidParameter = (message: string): ArmError =>
  new ArmError(400, "InvalidParameter", message);
