export { registerFaultRoute } from "./control-route";
export { parseFaults } from "./fault";
export { FaultSwitch } from "./fault-switch";
export type { Call } from "./fault-switch";
