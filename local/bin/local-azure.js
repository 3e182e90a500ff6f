#!/usr/bin/env node
require("../../common/bundle").runBundle(require("../bundle.json"));
