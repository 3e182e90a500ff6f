/** Long work is divided into slices, so that the page can respond to input in between. */
const SLICE_MILLISECONDS = 12;
const VISITS_PER_TIME_CHECK = 256;

/**
 * Visits the numbers from 0 to `length` - 1.
 * @returns false after the signal
 */
export async function inSlices(
  length: number,
  visit: (number: number) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  let sliceStart = performance.now();
  for (let number = 0; number < length; number += 1) {
    const isCheck = number % VISITS_PER_TIME_CHECK === 0;
    if (isCheck && performance.now() - sliceStart > SLICE_MILLISECONDS) {
      await nextTask();
      if (signal?.aborted) return false;
      sliceStart = performance.now();
    }
    visit(number);
  }
  return true;
}

/** Waits for one task of the event loop; nested timers would wait at least 4 ms. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
