import { signsInToStorage } from "./suites/sign-in";
jest.setTimeout(20 * 60_000);
signsInToStorage();
