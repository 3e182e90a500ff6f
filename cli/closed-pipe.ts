/** Ends the program when nobody reads its output any more, as `head -1` does, which isn't an error. */
export function endAtClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit();
}
