import { type ResourceSpec } from "../../../../../../local/provider/azure-native/resource-spec";
import { SPECS } from "../../../../../../local/provider/azure-native/specs";

/** @param type without `azure-native:` */
export function specOf(type: string): ResourceSpec {
  const spec = SPECS.get(`azure-native:${type}`);
  if (!spec) throw new Error(`no spec for ${type}`);
  return spec;
}
