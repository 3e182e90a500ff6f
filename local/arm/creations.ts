import { resourceKey } from "./resource-id";
import { type PutRequest, type ResourceType } from "./resource-type";
import { type ResourceView } from "./resource-view";

interface Creation {
  readonly view: ResourceView;
  /** Resolves at its end. */
  readonly done: Promise<void>;
}

/**
 * The resources that are being created. On Azure a resource exists from the accepted request on, in a state that says so. Like
 * the operations, they are lost when the process ends: the resource doesn't exist then, and a PUT creates it.
 */
export class Creations {
  private readonly running = new Map<string, Creation>();

  /** @param done resolves at the end of the creation */
  add(type: ResourceType, request: PutRequest<unknown>, done: Promise<void>): void {
    const shown = type.whileCreating?.(request);
    if (!shown) return;
    const { id, name } = request;
    const view = { id, name, type: type.type, ...shown };
    this.running.set(resourceKey(id), { view, done });
    void done.then(() => this.running.delete(resourceKey(id)));
  }

  /** What GET shows of the resource; undefined where it isn't being created. */
  find(id: string): ResourceView | undefined {
    return this.running.get(resourceKey(id))?.view;
  }

  viewsBelow(id: string): ResourceView[] {
    return this.below(id).map(({ view }) => view);
  }

  /** Waits for those below the id, such as those in a resource group that is deleted. */
  async endBelow(id: string): Promise<void> {
    await Promise.all(this.below(id).map(({ done }) => done));
  }

  private below(id: string): Creation[] {
    const prefix = `${resourceKey(id)}/`;
    return [...this.running].filter(([key]) => key.startsWith(prefix)).map(([, each]) => each);
  }
}
