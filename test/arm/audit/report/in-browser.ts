import { NO_BROWSER } from "./browser";

if (NO_BROWSER !== undefined) console.log(`skipped: ${NO_BROWSER}`);

/** Skips the tests, and says why, where there is no browser. */
export const describeInBrowser = NO_BROWSER === undefined ? describe : describe.skip;
