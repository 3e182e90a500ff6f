import { LOCAL_STACK } from "../lab/names";

/** Changes outside Pulumi that a plain `pulumi up` doesn't see, and the flag with which it repairs them. */
export const REPAIRS = {
  /** Something that Pulumi created was deleted. */
  deleted: "--refresh",
  /** The server has another password than the stack: the stack gets a new one, which the server is given. */
  password: "--replace '**administrator-password'",
  /** The VM has another SSH host key than the stack: nobody knows what else was changed there. */
  hostKey: "--replace '**VirtualMachine::vm'",
} as const;

/** The command that repairs a stack. `./lab up` finds by itself what is to be repaired. */
export function remedy(stack: string, repair?: keyof typeof REPAIRS): string {
  if (stack === LOCAL_STACK) return "./lab up";
  return ["pulumi up", repair && REPAIRS[repair], `--stack ${stack}`].filter(Boolean).join(" ");
}
