import { UserError } from "../../common/user-error";
import { replaceFlag, updateCommand } from "./remedy";
import { type ServerOutputs } from "./stack-outputs";

/**
 * The outputs with an attendee in place of the administrator.
 * @throws UserError where the stack has no such attendee
 */
export function asAttendee<T extends ServerOutputs>(outputs: T, name: string): T {
  const passwords = outputs.attendeePasswords ?? {};
  const administratorPassword = Object.hasOwn(passwords, name) ? passwords[name] : undefined;
  if (administratorPassword !== undefined) {
    return { ...outputs, administratorLogin: name, administratorPassword };
  }
  const names = Object.keys(passwords).sort();
  throw new UserError(
    names.length === 0
      ? `The stack has no attendees. Add ${name} to the key attendees of its configuration, then update it.`
      : `The stack has no attendee '${name}'. It has ${names.join(", ")}; the key attendees of its configuration lists them.`,
  );
}

/** The command that gives an attendee a new password. */
export const newAttendeePassword = (stack: string, name: string): string =>
  updateCommand(stack, replaceFlag(`**attendees-${name}`));
