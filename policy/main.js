/** The pack's start, as Pulumi runs it: TypeScript sources without a check of their types. */
require("tsx/cjs");
require("./pack");
