import { z } from "zod";
import { databaseLoginProblem } from "../../common/database-login";
import { quoted } from "../quoted";
import { list, oneOf, type Report, ruledBy, text } from "../rules";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Of a Microsoft Entra tenant; empty: password sign-in only. */
const tenantId = text(new RegExp(`^$|${UUID.source}`, "i"), "a tenant's id, a UUID");

const ENTRA_ADMINISTRATOR = z.strictObject({
  objectId: text(UUID, "the principal's object id, a UUID: az ad user show --id NAME --query id"),
  principalName: text(/^[^\p{Cc}]{1,63}$/u, "the name that the principal signs in with"),
  principalType: oneOf(["User", "Group", "ServicePrincipal"]).default("User"),
});

export type EntraAdministrator = z.output<typeof ENTRA_ADMINISTRATOR>;

const duplicate = (names: readonly string[]): string | undefined => {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `has ${quoted(twice)} twice`;
};

/** Who signs in to the server besides its administrator. */
export const PEOPLE_KEYS = {
  attendees: list(databaseLoginProblem).superRefine(ruledBy(duplicate)),
  microsoftEntra: z.strictObject({
    tenantId: tenantId.default(""),
    administrators: z
      .array(ENTRA_ADMINISTRATOR)
      .superRefine(ruledBy((all) => duplicate(all.map(({ objectId }) => objectId.toLowerCase()))))
      .default([]),
  }),
};

export interface PeopleChoices extends z.output<z.ZodObject<typeof PEOPLE_KEYS>> {
  readonly administratorLogin: string;
}

/** Rules of several keys. */
export function peopleProblems(config: PeopleChoices, problem: Report): void {
  const { attendees, administratorLogin, microsoftEntra } = config;
  if (attendees.includes(administratorLogin)) {
    problem("attendees", `has ${quoted(administratorLogin)}, the administrator's login`);
  }
  if (microsoftEntra.administrators.length > 0 && microsoftEntra.tenantId === "") {
    problem(
      "microsoftEntra",
      "needs the tenantId of its administrators: az account show --query tenantId",
    );
  }
}
