import { UserError } from "../../../common/user-error";

/** A new machine, as in Azure's `osProfile`. */
export interface VirtualMachineSpec {
  readonly adminUsername: string;
  /** The guest's host name. */
  readonly computerName: string;
  /** As on Azure, `path` must be the administrator's `authorized_keys`. */
  readonly sshPublicKeys: readonly { readonly path?: string; readonly keyData: string }[];
  /** Base64 of cloud-init's user data: `#cloud-config`, a script, or MIME parts. */
  readonly customData?: string;
}

/** The input of the guest's provisioning service, on one line. */
export interface ProvisioningProfile {
  /** Seconds since 1970: the clock of a machine from a saved state is at the time of saving. */
  readonly time: number;
  /** Path and content of the files that cloud-init reads. */
  readonly files: Readonly<Record<string, string>>;
}

const SEED = "/var/lib/cloud/seed/nocloud";

/**
 * Translates Azure's profile to cloud-init's files, as cloud-init's data source for Azure does: the administrator is the
 * default user, with sudo and without a password (https://cloudinit.readthedocs.io/en/22.4.2/topics/datasources/azure.html).
 * @param instanceId cloud-init provisions again if it changes
 * @throws UserError that names every problem of the profile
 */
export function provisioningProfile(
  spec: VirtualMachineSpec,
  instanceId: string,
  now = new Date(),
): ProvisioningProfile {
  validate(spec);
  const metaData = {
    "instance-id": instanceId,
    "local-hostname": spec.computerName,
    "public-keys": spec.sshPublicKeys.map(({ keyData }) => keyData.trim()),
  };
  const administrator = {
    name: spec.adminUsername,
    gecos: "",
    groups: ["adm", "systemd-journal"],
    lock_passwd: true,
    shell: "/bin/bash",
    sudo: ["ALL=(ALL) NOPASSWD:ALL"],
  };
  return {
    time: now.getTime() / 1000,
    files: {
      // JSON is valid YAML.
      [`${SEED}/meta-data`]: JSON.stringify(metaData),
      [`${SEED}/user-data`]: decode(spec.customData) ?? "#cloud-config\n{}\n",
      "/etc/cloud/cloud.cfg.d/90-os-profile.cfg": JSON.stringify({
        system_info: { default_user: administrator },
      }),
    },
  };
}

function validate(spec: VirtualMachineSpec): void {
  const authorizedKeys = `/home/${spec.adminUsername}/.ssh/authorized_keys`;
  const problems = [
    (/^[a-z_][a-z0-9_-]{0,31}$/.test(spec.adminUsername) && spec.adminUsername !== "root") ||
      `adminUsername "${spec.adminUsername}": it must be a Linux user name other than root`,
    /^[A-Za-z0-9]([A-Za-z0-9-]{0,62})$/.test(spec.computerName) ||
      `computerName "${spec.computerName}": 1 to 63 letters, digits and "-" are allowed`,
    spec.sshPublicKeys.length > 0 || "sshPublicKeys: at least one key is required",
    ...spec.sshPublicKeys.flatMap(({ path = authorizedKeys, keyData }) => [
      path === authorizedKeys || `path "${path}": only ${authorizedKeys} is allowed`,
      /^(ssh|ecdsa)-\S+ [A-Za-z0-9+/=]+( [^\n]*)?$/.test(keyData.trim()) ||
        `keyData "${keyData.slice(0, 40)}": it must be an OpenSSH public key on one line`,
    ]),
    decode(spec.customData) !== undefined ||
      spec.customData === undefined ||
      "customData: it must be base64 of UTF-8 text",
  ].filter((problem) => problem !== true);
  if (problems.length > 0) {
    throw new UserError(`The virtual machine's profile is wrong: ${problems.join("; ")}.`);
  }
}

/** The decoded text; undefined if there is none or it isn't base64 of text. */
function decode(base64: string | undefined): string | undefined {
  if (base64 === undefined || !/^[A-Za-z0-9+/\s]*=*\s*$/.test(base64)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(base64, "base64"));
  } catch {
    return undefined;
  }
}
