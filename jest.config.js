/** One project a suite; `npm run test:unit`, `test:arm` and `test:e2e` each select one. */
const suite = (name, extra = {}) => ({
  displayName: name,
  testEnvironment: "node",
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  transform: { "^.+\\.ts$": ["ts-jest", { diagnostics: false }] },
  ...extra,
});

module.exports = {
  testTimeout: 30_000,
  // A worker that has loaded the SDKs of many suites is replaced, so that a small machine is enough.
  workerIdleMemoryLimit: "1GB",
  reporters: ["default", "<rootDir>/test/support/closing-line-reporter.js"],
  projects: [
    suite("unit"),
    suite("arm", { globalSetup: "<rootDir>/test/arm/support/global-setup.ts" }),
    suite("e2e"),
  ],
};
