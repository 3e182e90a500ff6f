import { PolicyPack } from "@pulumi/policy";
import { NETWORK_RULES } from "./rules/network";
import { PLACEMENT_RULES } from "./rules/placement";
import { SECRET_RULES } from "./rules/secrets";
import { STORAGE_RULES } from "./rules/storage";
import { TLS_RULES } from "./rules/tls";
import { TRAIL_RULES } from "./rules/trail";

/** docs/policy.md lists the rules. A file for --policy-pack-config changes their levels and settings. */
new PolicyPack("pg-audit-lab", {
  enforcementLevel: "mandatory",
  policies: [
    ...STORAGE_RULES,
    ...TLS_RULES,
    ...NETWORK_RULES,
    ...TRAIL_RULES,
    ...SECRET_RULES,
    ...PLACEMENT_RULES,
  ],
});
