import { isLocalStack, LOCAL_STACK } from "../lab/names";

/** The flag of `pulumi up` that creates again what was deleted outside Pulumi. */
export const REFRESH = "--refresh";

/** What is replaced after a change outside Pulumi that Azure doesn't show: URNs, or patterns of them. */
export const REPLACED = {
  /** The server has another password than the stack: the stack gets a new one, which the server is given. */
  password: "**administrator-password",
  /** The VM has another SSH host key than the stack: nobody knows what else was changed there. */
  hostKey: "**VirtualMachine::vm",
} as const;

/** The flag of `pulumi up` as a person types it. */
export const replaceFlag = (urn: string): string => `--replace '${urn}'`;

/** The command that repairs a stack. `./lab up` and `./lab workshop up` find by themselves what is to be repaired. */
export function remedy(stack: string, repair?: "deleted" | keyof typeof REPLACED): string {
  if (stack === LOCAL_STACK) return "./lab up";
  if (isLocalStack(stack)) return "./lab workshop up";
  if (repair === undefined) return updateCommand(stack);
  return updateCommand(stack, repair === "deleted" ? REFRESH : replaceFlag(REPLACED[repair]));
}

/** The command that updates a stack with flags of `pulumi up`. */
export function updateCommand(stack: string, flags?: string): string {
  const words = flags === undefined ? "" : ` ${flags}`;
  if (stack === LOCAL_STACK) return `./lab up${words}`;
  const update = `pulumi up${words} --stack ${stack}`;
  return isLocalStack(stack) ? `eval "$(./lab env)" && ${update}` : update;
}
