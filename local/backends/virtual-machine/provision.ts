import { ProvisioningChannel } from "../../image/provisioning-channel";

/** Under emulation: 7 s on two free cores. */
export const PROVISION_TIMEOUT_SECONDS = 120;

/** Sends the profile to the guest and waits for the result of cloud-init. */
export async function provision(folder: string, profile: string): Promise<void> {
  const channel = await ProvisioningChannel.connect(folder);
  try {
    channel.send(profile);
    const answer = await channel.receive("cloud-init", PROVISION_TIMEOUT_SECONDS);
    const { errors } = JSON.parse(answer) as { errors: readonly string[] };
    if (errors.length > 0) throw new Error(`cloud-init reports: ${errors.join("; ")}`);
  } finally {
    channel.close();
  }
}
