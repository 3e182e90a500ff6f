#!/usr/bin/env -S node --min-semi-space-size=16
// With a large young generation from the start, memory doesn't grow with the size of the trail.
require("../../common/bundle").runBundle(require("../bundle.json"));
