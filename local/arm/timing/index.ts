export { PROFILE_NAMES } from "./profiles";
export type { OperationKind, ProfileName } from "./profiles";
export { Timing } from "./timing";
export type { TimingOptions } from "./timing";
