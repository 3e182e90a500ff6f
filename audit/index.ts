export { standardOutput } from "./output/standard-output";
export { type AuditProcess, EXIT, interruptSignal, runAudit } from "./run";
export type { StackTrail, TrailHost } from "./sources/open-trail";
