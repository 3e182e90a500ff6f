import * as fs from "node:fs";
import * as path from "node:path";

/**
 * Identifies a machine of the lab: `<resource group>/<name>`, in lower case, because Azure's names of machines are unique in
 * their group only and ignore the case. It is also the machine's folder below `.lab/azure/vm`.
 */
export const machineKey = (resourceGroup: string, name: string): string =>
  `${resourceGroup}/${name}`.toLowerCase();

/** The keys of the machines with a folder, complete or not. @param folder `.lab/azure/vm` */
export function machineKeys(folder: string): string[] {
  return foldersIn(folder).flatMap((group) =>
    foldersIn(path.join(folder, group)).map((name) => path.join(group, name)),
  );
}

/** A machine's name, as messages show it: with its group only where another machine of the lab has the same name. */
export function machineLabel(key: string, all: readonly string[]): string {
  const name = path.basename(key);
  const isUnique = all.every((other) => other === key || path.basename(other) !== name);
  return isUnique ? name : `${name} in ${path.dirname(key)}`;
}

const foldersIn = (folder: string): string[] =>
  fs.existsSync(folder)
    ? fs
        .readdirSync(folder, { withFileTypes: true })
        .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    : [];
