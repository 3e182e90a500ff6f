import type { ConfigurationArgs } from "@pulumi/azure-native/dbforpostgresql";
import type { NamespaceArgs } from "@pulumi/azure-native/eventhub";
import type { StorageAccountArgs } from "@pulumi/azure-native/storage";
import type { Policies } from "@pulumi/policy";
import { ofType, type Report, shown } from "../of-type";
import { CONFIGURATION } from "../servers";
import { STORAGE_ACCOUNT } from "./storage";

/** What a server parameter must be, where it is written; Azure's defaults are on and TLSv1.2. */
const SECURE_VALUES: Readonly<Record<string, RegExp>> = {
  require_secure_transport: /^(on|true|yes|1)$/i,
  ssl_min_protocol_version: /^TLSv1\.[23]$/i,
};

export const TLS_RULES: Policies = [
  {
    name: "tls-floor",
    description: "Connections to storage, PostgreSQL and Event Hubs use TLS 1.2 or later.",
    validateResource: [
      ofType<StorageAccountArgs>(STORAGE_ACCOUNT, (account, report) => {
        checkFloor(account.minimumTlsVersion, /^TLS1_[23]$/, "TLS1_2", report);
        // Azure's default is true since API version 2019-04-01.
        if (account.enableHttpsTrafficOnly === false) {
          report(
            "enableHttpsTrafficOnly is false, so requests without TLS are answered; leave it out.",
          );
        }
      }),
      ofType<NamespaceArgs>("azure-native:eventhub:Namespace", ({ minimumTlsVersion }, report) =>
        checkFloor(minimumTlsVersion, /^1\.[23]$/, "1.2", report),
      ),
      ofType<ConfigurationArgs>(CONFIGURATION, (parameter, report) => {
        const name = parameter.configurationName ?? "";
        const secure = SECURE_VALUES[name.toLowerCase()];
        if (secure === undefined || secure.test(parameter.value ?? "")) return;
        report(`${name} is ${shown(parameter.value)}, which weakens TLS; leave it out.`);
      }),
    ],
  },
];

function checkFloor(version: string | undefined, secure: RegExp, floor: string, report: Report) {
  if (version !== undefined && secure.test(version)) return;
  report(`minimumTlsVersion is ${shown(version)}; set it to "${floor}" or later.`);
}
