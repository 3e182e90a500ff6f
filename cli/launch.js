/** Starts the command line: installs npm packages where they are missing, and bundles the sources where they changed. */
const { ensurePackages } = require("../common/packages");

ensurePackages("lab");
require("../common/bundle").runBundle({ ...require("../audit/bundle.json"), main: "cli/main.ts" });
