import { isLocalStack, LOCAL_STACK } from "../lab/names";

/** Changes outside Pulumi that a plain `pulumi up` doesn't see, and the flag with which it repairs them. */
export const REPAIRS = {
  /** Something that Pulumi created was deleted. */
  deleted: "--refresh",
  /** The server has another password than the stack: the stack gets a new one, which the server is given. */
  password: "--replace '**administrator-password'",
  /** The VM has another SSH host key than the stack: nobody knows what else was changed there. */
  hostKey: "--replace '**VirtualMachine::vm'",
} as const;

/** The command that repairs a stack. `./lab up` and `./lab workshop up` find by themselves what is to be repaired. */
export function remedy(stack: string, repair?: keyof typeof REPAIRS): string {
  if (stack === LOCAL_STACK) return "./lab up";
  if (isLocalStack(stack)) return "./lab workshop up";
  return updateCommand(stack, repair && REPAIRS[repair]);
}

/** The command that updates a stack with flags of `pulumi up`. */
export function updateCommand(stack: string, flags?: string): string {
  const words = flags === undefined ? "" : ` ${flags}`;
  if (stack === LOCAL_STACK) return `./lab up${words}`;
  const update = `pulumi up${words} --stack ${stack}`;
  return isLocalStack(stack) ? `eval "$(./lab env)" && ${update}` : update;
}
