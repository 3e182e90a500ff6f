export * from "./types";
export {
  UNKNOWN,
  isUnknown,
  containsUnknown,
  isAsset,
  isArchive,
  isObject,
  secret,
  type Asset,
  type Archive,
} from "./values";
export { diffInputs, propertyPath, type DiffOptions } from "./diff";
export type { EngineLog } from "./engine-log";
export { serveProvider, startProvider, type RunningProvider } from "./serve";
