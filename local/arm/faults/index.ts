export { registerFaultRoute } from "./control-route";
export { FaultSwitch } from "./fault-switch";
export type { Call } from "./fault-switch";
