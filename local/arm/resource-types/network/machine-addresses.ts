import { columnOf, freeAddress } from "../../../backends/loopback-addresses";
import { machineKey } from "../../../backends/virtual-machine/machine-key";
import { type VirtualMachineBackend } from "../../../backends/virtual-machine/virtual-machines";
import { ArmError } from "../../arm-error";
import { parseArmPath, resourceKey } from "../../resource-id";
import { type ResourceRecord, type ResourceStore } from "../../resource-store";
import { PUBLIC_IP_ADDRESSES, VIRTUAL_MACHINES } from "../../resource-type-names";
import { isSameId } from "../common";
import { type IpConfiguration, ipConfigurations, refuseUsedInterface } from "./rules";

/** The backend's key of a machine. */
export function machineKeyOf(machineId: string): string {
  const { resourceGroupName = "", names = [] } = parseArmPath(machineId) ?? {};
  return machineKey(resourceGroupName, names.at(-1) ?? "");
}

type WithPublicAddress = {
  readonly properties: Pick<IpConfiguration["properties"], "publicIPAddress">;
};

/**
 * Which machine has which network interface, and so which loopback address. A machine has the address of its interface's
 * public IP address; one without has an address that the API doesn't show, at which only local Azure itself asks its sshd.
 */
export class MachineAddresses {
  /** By the resources' ids. */
  private readonly given = new Map<string, string>();
  /** The interfaces of machines in creation, which aren't stored yet, with the machines' ids. */
  private readonly inCreation = new Map<string, string>();

  /** @param firstAddress of the lab */
  constructor(
    private readonly store: ResourceStore,
    private readonly machines: VirtualMachineBackend,
    private readonly firstAddress: string,
  ) {}

  /**
   * The lowest free address, for a public IP address or for a machine without one; the same each time, until it is released.
   * The lab's first machine so has the first address.
   */
  take(id: string): string {
    const key = resourceKey(id);
    const address = this.given.get(key) ?? this.lowestFree();
    this.given.set(key, address);
    return address;
  }

  release(id: string): void {
    this.given.delete(resourceKey(id));
  }

  private lowestFree(): string {
    const kept = this.store
      .ofType(PUBLIC_IP_ADDRESSES)
      .flatMap((record) => ipAddress(record) ?? []);
    const taken = new Set([...kept, ...this.machines.sshHosts(), ...this.given.values()]);
    try {
      return freeAddress(columnOf(this.firstAddress), taken, 0);
    } catch (error) {
      // Source of the code: Azure's error PublicIPCountLimitReached.
      throw new ArmError(400, "PublicIPCountLimitReached", (error as Error).message);
    }
  }

  /** The id of the machine that has the interface. */
  userOf(interfaceId: string): string | undefined {
    const stored = this.store.ofType(VIRTUAL_MACHINES).find(({ shown }) => {
      const { networkProfile } = shown.properties as {
        networkProfile: { networkInterfaces: readonly { id: string }[] };
      };
      return networkProfile.networkInterfaces.some(({ id }) => isSameId(id, interfaceId));
    });
    return stored?.id ?? this.inCreation.get(resourceKey(interfaceId));
  }

  /** @throws ArmError 400 NicInUse if another machine has the interface */
  requireOwnInterface(machineId: string, interfaceId: string): void {
    const user = this.userOf(interfaceId);
    if (!isSameId(user, machineId)) refuseUsedInterface(interfaceId, user);
  }

  /**
   * Creates a machine at the address of its interface.
   * @throws ArmError 400 NicInUse if another machine has the interface, perhaps since the request was accepted
   */
  async during<T>(
    machineId: string,
    interfaceId: string,
    create: (sshHost: string) => Promise<T>,
  ): Promise<T> {
    this.requireOwnInterface(machineId, interfaceId);
    const key = resourceKey(interfaceId);
    this.inCreation.set(key, machineId);
    try {
      const address = this.publicAddress(ipConfigurations(this.store, interfaceId));
      return await create(address ?? this.take(machineId));
    } finally {
      this.inCreation.delete(key);
    }
  }

  /**
   * Moves the interface's machine to the address of the public IP address that the interface is given, or no longer has.
   * Source: Azure's "Associate a public IP address to a virtual machine", also for a machine that runs.
   * @throws ArmError 409 if another program listens on the new address
   */
  async move(interfaceId: string, configurations: readonly WithPublicAddress[]): Promise<void> {
    const machineId = this.userOf(interfaceId);
    if (machineId === undefined) return;
    const address = this.publicAddress(configurations);
    try {
      await this.machines.moveTo(machineKeyOf(machineId), address ?? this.take(machineId));
    } catch (error) {
      throw new ArmError(409, "OperationNotAllowed", (error as Error).message);
    }
    if (address !== undefined) this.release(machineId);
  }

  private publicAddress(configurations: readonly WithPublicAddress[]): string | undefined {
    const [record] = configurations.flatMap(({ properties: { publicIPAddress } }) =>
      publicIPAddress ? (this.store.get(publicIPAddress.id) ?? []) : [],
    );
    return record && ipAddress(record);
  }
}

/** The address that a public IP address keeps. */
export const ipAddress = ({ shown }: ResourceRecord): string | undefined =>
  (shown.properties as { ipAddress?: string }).ipAddress;
