import { newAttendeePassword } from "./attendee";
import { isLocalStack } from "../lab/names";
import { remedy, REPLACED, replaceFlag, updateCommand } from "./remedy";
import { type StackOutputs } from "./stack-outputs";

type VmAddress = Pick<StackOutputs, "vmAddress" | "sshPort">;

/** Why OpenSSH didn't reach or enter a stack's VM, and what to do; undefined for an unknown message of its. */
export function sshTrouble(
  message: string,
  { vmAddress, sshPort }: VmAddress,
  stack: string,
): string | undefined {
  const vm = `The VM (${vmAddress}, port ${sshPort})`;
  if (/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/.test(message)) {
    return (
      `${vm} has another SSH host key than the one that the program gave it: the key was changed by hand, or another ` +
      `machine answers there. Nothing was sent to it. This replaces the VM: ${remedy(stack, "hostKey")}`
    );
  }
  if (/Permission denied/.test(message)) {
    return (
      `${vm} refuses the stack's SSH key: its authorized_keys were changed by hand. ` +
      // `./lab up` doesn't try to sign in, so it doesn't find this by itself.
      `This replaces the VM: ${updateCommand(stack, replaceFlag(REPLACED.hostKey))}`
    );
  }
  if (/banner exchange|kex_exchange_identification|Connection (closed|reset) by/.test(message)) {
    return `${vm} accepts connections, but its sshd doesn't answer: it is starting, or too busy. Try again in a minute.`;
  }
  if (/Connection refused|timed out|No route to host|Network is unreachable/.test(message)) {
    return `${vm} doesn't answer. ${unreachable(stack)}`;
  }
  return undefined;
}

function unreachable(stack: string): string {
  const repair = remedy(stack, "deleted");
  if (isLocalStack(stack)) return `It was deleted or is stopped: ${repair} creates or starts it.`;
  return (
    "It is stopped (autoShutdownTime), or your address isn't in sshSourceAddressPrefixes, or it was deleted: " +
    `then \`${repair}\` creates it again.`
  );
}

/** Why psql couldn't sign in as the stack's administrator or attendee; undefined for everything else. */
export function psqlTrouble(
  message: string,
  {
    administratorLogin,
    ownsServer,
    attendeePasswords = {},
  }: Pick<StackOutputs, "administratorLogin" | "ownsServer" | "attendeePasswords">,
  stack: string,
): string | undefined {
  if (!message.includes(`password authentication failed for user "${administratorLogin}"`))
    return undefined;
  if (Object.hasOwn(attendeePasswords, administratorLogin)) {
    return (
      `The server refuses the password that the stack has for ${administratorLogin}: it was changed, perhaps by ${administratorLogin}. ` +
      `This sets a new one: ${newAttendeePassword(stack, administratorLogin)}`
    );
  }
  return (
    `The server refuses the password that the stack has for its administrator, ${administratorLogin}: it was changed outside ` +
    (ownsServer
      ? `Pulumi. This sets a new one: ${remedy(stack, "password")}`
      : "Pulumi. Give the program the new one: pulumi config set --secret --path postgres.administratorPassword")
  );
}
