/**
 * The arrows between the folders. Each folder may import itself, what is listed here, and the packages that its own
 * package.json names; there is no circle. CONTRIBUTING.md shows the same as a map.
 */
const ARROWS = {
  config: ["common"],
  components: ["config", "common"],
  azure: ["common"],
  scripts: ["azure", "common"],
  cli: ["audit", "local", "azure", "common"],
  audit: ["common"],
  local: ["common"],
  policy: [],
  common: [],
};

const arrow = ([folder, targets]) => ({
  name: `arrows-of-${folder}`,
  comment: `${folder}/ may import ${[folder, ...targets].join(", ")} only`,
  severity: "error",
  from: { path: `^${folder}/` },
  to: {
    path: "^(?!node_modules/)",
    pathNot: `^(${[folder, ...targets].join("|")})/`,
    dependencyTypesNot: ["core", "npm", "npm-dev", "npm-optional", "npm-peer"],
  },
});

module.exports = {
  forbidden: [
    ...Object.entries(ARROWS).map(arrow),
    {
      name: "no-circle",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "provider-knows-the-api-by-https-only",
      severity: "error",
      from: { path: "^local/provider/" },
      to: { path: "^local/(arm|backends)/" },
    },
    {
      name: "backends-know-nothing-of-the-api",
      severity: "error",
      from: { path: "^local/backends/" },
      to: { path: "^local/(arm|provider)/" },
    },
    {
      name: "only-declared-packages",
      comment: "The package.json of the importing folder names every package that it imports",
      severity: "error",
      from: { pathNot: "^(test|tools|bench)/|node_modules" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev", "unknown", "undetermined"] },
    },
    {
      name: "no-unresolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    exclude: { path: "(^|/)node_modules/\\.cache/" },
    doNotFollow: { path: "node_modules" },
    combinedDependencies: false,
    moduleSystems: ["cjs", "es6"],
    // A package's own names of its files, such as tsx/cjs.
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["require", "import"] },
  },
};
