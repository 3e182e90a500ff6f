import { serverIsBusy } from "./arm-error";
import { resourceKey } from "./resource-id";
import { type ResourceType } from "./resource-type";

/** Keeps requests that change the same thing apart: some are refused, the others wait for one another. */
export class Locks {
  private readonly held = new Set<string>();
  private readonly turns = new Map<string, Promise<unknown>>();

  /**
   * Takes the type's lock, so that a second request is refused at once; gives what lets go of it.
   * @throws ArmError 409 ServerIsBusy where another request has it
   */
  take(type: ResourceType, id: string): () => void {
    const lock = type.lock?.(id).toLowerCase();
    if (lock === undefined) return () => undefined;
    if (this.held.has(lock)) throw serverIsBusy(lock);
    this.held.add(lock);
    return () => this.held.delete(lock);
  }

  isHeld(type: ResourceType, id: string): boolean {
    const lock = type.lock?.(id).toLowerCase();
    return lock !== undefined && this.held.has(lock);
  }

  /** One after the other for each resource: a client that was interrupted may ask again while the first work goes on. */
  inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    const key = resourceKey(id);
    const before = this.turns.get(key) ?? Promise.resolve();
    const turn = before.then(work);
    this.turns.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  }
}
