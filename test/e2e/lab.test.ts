/**
 * The whole lab on local Azure, as a person brings it up, uses it and takes it down: with this clone's own .lab,
 * so no lab may be up when it starts. The suites are one sequence on one lab: each finds it as the one before left it.
 */
import { run, status } from "./lab-driver";
import { auditsAnExistingServer } from "./suites/existing-server";
import { readsBigBlobs } from "./suites/big-blob";
import { bringsUp } from "./suites/bring-up";
import { changesTheConfiguration, movesTheLab } from "./suites/changes";
import { signsIn } from "./suites/commands";
import { findsDrift } from "./suites/drift";
import { survivesKills } from "./suites/killed-up";
import { auditsPeopleByObject } from "./suites/people";
import { repairsWhatWasChanged } from "./suites/rotation";
import { endsInOrder } from "./suites/interrupts";
import { keepsTheTrail } from "./suites/retention";
import { keepsSecrets } from "./suites/secrets";
import { healsItself } from "./suites/self-healing";
import { signsInToStorage } from "./suites/sign-in";
import { tearsDown } from "./suites/tear-down";
import { readsTheTrail } from "./suites/trail";
import { bringsUpAWorkshop } from "./suites/workshop";

jest.setTimeout(20 * 60_000);

beforeAll(async () => {
  if ((await status()).isUp) {
    throw new Error("A lab is up in this clone; take it down first: ./lab down");
  }
});

afterAll(async () => {
  await run("./lab down --force");
});

survivesKills();
bringsUp();
signsIn();
readsTheTrail();
readsBigBlobs();
healsItself();
endsInOrder();
keepsTheTrail();
auditsPeopleByObject();
signsInToStorage();
changesTheConfiguration();
repairsWhatWasChanged();
findsDrift();
keepsSecrets();
movesTheLab();
tearsDown();
auditsAnExistingServer();
bringsUpAWorkshop();
