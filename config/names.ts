import { quoted } from "./quoted";

/** A rule of a name: its problem, or undefined if there is none. */
type Rule = (name: string) => string | undefined;

/** Source: Azure's REST API of virtual machines, osProfile.adminUsername, disallowed values; those with other characters are left out. */
const RESERVED_BY_AZURE =
  "administrator admin user user1 test user2 test1 user3 admin1 a actuser adm admin2 aspnet backup console david guest john " +
  "owner root server sql support support_388945a0 sys test2 test3 user4 user5";

/** Users and groups of a new RHEL: provisioning can't create them again. Source: RHEL's package setup, /etc/passwd and /etc/group. */
const RESERVED_BY_RHEL =
  "bin daemon lp sync shutdown halt mail operator games ftp nobody dbus polkitd sshd tss chrony rpc sssd " +
  "wheel users disk tape video audio cdrom dialout floppy input kvm kmem lock man mem render tty utmp";

const RESERVED_USERNAMES = `${RESERVED_BY_AZURE} ${RESERVED_BY_RHEL}`.split(" ");

/** The VM's administrator: Azure's rules, and those of a Linux user name. */
export const vmAdminUsernameProblem: Rule = (name) => {
  if (!/^[a-z][a-z0-9_-]{0,30}$/.test(name)) {
    return "1 to 31 lower-case letters, digits, _ and -, starting with a letter";
  }
  return RESERVED_USERNAMES.includes(name)
    ? "Azure or RHEL reserves that name; take another one, like azureuser"
    : undefined;
};

/** Windows' names, which Azure takes, have this form. Source: Microsoft's "Default Time Zones". */
export const timeZoneProblem: Rule = (name) =>
  /^(UTC([+-]\d\d)?|[A-Z][\w. -]* Standard Time( \(Mexico\))?)$/.test(name)
    ? undefined
    : 'Azure takes the names of Windows, such as UTC or "W. Europe Standard Time"; `tzutil /l` lists them';

const MOST_TAGS = 50;
/** Of a storage account; 512 elsewhere. */
const LONGEST_TAG_NAME = 128;
const LONGEST_TAG_VALUE = 256;

/** Sources: Azure's "Use tags to organize your resources", limitations; those of storage accounts and DNS zones too. */
export function tagsProblem(tags: Readonly<Record<string, string>>): string | undefined {
  const names = Object.keys(tags);
  if (names.length > MOST_TAGS) return `has ${names.length} tags; Azure takes ${MOST_TAGS}`;
  const lower = names.map((name) => name.toLowerCase());
  const twice = names.find((_, index) => lower.indexOf(lower[index] ?? "") !== index);
  if (twice !== undefined) return `has ${quoted(twice)} twice; case doesn't matter in tag names`;
  const problems = Object.entries(tags).map(([name, value]) => tagProblem(name, value));
  return problems.find((problem) => problem !== undefined);
}

function tagProblem(name: string, value: string): string | undefined {
  if (name === "" || name.length > LONGEST_TAG_NAME) {
    return `${quoted(name)} is no tag name of 1 to ${LONGEST_TAG_NAME} characters`;
  }
  if (/[<>%&\\?/\s()\p{Cc}]/u.test(name) || /^\d/.test(name)) {
    return `${quoted(name)} is no tag name: Azure refuses < > % & \\ ? / in it, and the private DNS zone spaces, parentheses and a digit at its start`;
  }
  if (/^(microsoft|azure|windows)/i.test(name)) {
    return `${quoted(name)} is no tag name: Azure reserves names that begin with microsoft, azure and windows`;
  }
  return value.length > LONGEST_TAG_VALUE
    ? `${quoted(name)} has a value of ${value.length} characters; Azure takes ${LONGEST_TAG_VALUE}`
    : undefined;
}
