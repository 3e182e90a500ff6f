/** How long the parts of a command took, by name. */
export class Stopwatch {
  private readonly laps: { name: string; seconds: number }[] = [];

  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.laps.push({ name, seconds: (performance.now() - start) / 1000 });
    }
  }

  /** `set-up 2 s, pulumi up 40 s, total 42 s`. */
  summary(): string {
    const total = this.laps.reduce((sum, { seconds }) => sum + seconds, 0);
    return [...this.laps, { name: "total", seconds: total }]
      .map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`)
      .join(", ");
  }
}
