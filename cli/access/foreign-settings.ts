import {
  AUDIT_SETTINGS_SQL,
  foreignSettings,
  settingsIn,
  settingWords,
} from "../../common/audit-settings";
import { runSql } from "./psql";
import { type StackOutputs } from "./stack-outputs";
import { type VmSession } from "./vm-session";

const TIMEOUT_MILLISECONDS = 30_000;

/** Settings of roles and databases that change what is audited, and aren't in the configuration; one text each. */
export async function foreignAuditSettings(
  session: VmSession,
  outputs: StackOutputs,
): Promise<string[]> {
  let printed: string;
  try {
    printed = await runSql(session, outputs, AUDIT_SETTINGS_SQL, TIMEOUT_MILLISECONDS);
  } catch {
    // That the server can't be asked is reported elsewhere in the status.
    return [];
  }
  return foreignSettings(settingsIn(printed), outputs.auditSettings ?? []).map(settingWords);
}
