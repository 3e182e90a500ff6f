/**
 * `npm run docs:config`: writes the table of configuration keys from Pulumi.yaml into the README, between its markers.
 * A unit test fails where the table is stale.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { configTable, withConfigTable } from "./config-table";

const root = path.resolve(__dirname, "..");
const readme = path.join(root, "README.md");
const table = configTable(fs.readFileSync(path.join(root, "Pulumi.yaml"), "utf8"));
fs.writeFileSync(readme, withConfigTable(fs.readFileSync(readme, "utf8"), table));
