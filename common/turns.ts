/** Runs works one after the other, in the order of the calls. */
export class Turns {
  private count = 0;
  private last: Promise<unknown> = Promise.resolve();

  /** Whether a work is running or waits for its turn. */
  get isBusy(): boolean {
    return this.count > 0;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    this.count++;
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.count--;
    }
  }
}
