import { serverIsBusy } from "../../arm-error";
import { resourceKey } from "../../resource-id";

/**
 * For a while after its creation, though it is Ready, a server answers writes to its parameters, databases and firewall
 * rules with ServerIsBusy. Source: azure-postgresql 134, whose reporter found that a second helps.
 */
export class BusyWindow {
  private readonly ends = new Map<string, number>();

  /** @param now milliseconds of a clock */
  constructor(
    private readonly seconds: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Begins with the end of the server's creation. */
  open(serverId: string): void {
    this.ends.set(resourceKey(serverId), this.now() + this.seconds * 1000);
  }

  /** @throws ArmError 409 ServerIsBusy until the window's end */
  requireOver(serverId: string): void {
    const end = this.ends.get(resourceKey(serverId));
    if (end === undefined) return;
    if (this.now() < end) throw serverIsBusy(serverId);
    this.ends.delete(resourceKey(serverId));
  }
}
