/** Ends a run with one plain line, `N passed, N failed, N skipped`. */
module.exports = class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests > 0 ? `, ${results.numPendingTests} skipped` : "";
    // Jest's own summary is printed after this call.
    process.once("exit", () =>
      console.log(`${results.numPassedTests} passed, ${failed} failed${skipped}`),
    );
  }
};
