import {
  AUDIT_SETTINGS_SQL,
  type AuditSetting,
  foreignSettings,
  settingWords,
} from "../../../common/audit-settings";
import {
  configuredSettings,
  settingRemovalSql,
  settingSql,
} from "../../../components/audit-settings-sql";
import { auditedServer, inSession } from "./audited-session";

const CONFIGURED = configuredSettings({
  roles: { "Ann@contoso.com": { "pgaudit.log": "READ,WRITE", "pgaudit.log_parameter": "on" } },
  databases: { pgbench: { "pgaudit.log": "DDL" } },
});

describe.each(["15", "18"])(
  "pgAudit's parameters of a role and a database, on PostgreSQL %s",
  (version) => {
    const cloud = auditedServer(version, { "pgaudit.log": "none" });
    const sql = (text: string) => inSession(cloud, text);
    const found = async () =>
      (Object.values((await sql(AUDIT_SETTINGS_SQL))[0] ?? {}) as AuditSetting[][])[0] ?? [];

    it("are set by the administrator, who is no superuser, and win over the server's", async () => {
      await sql(`CREATE ROLE "Ann@contoso.com" LOGIN PASSWORD 'Ann-1~password'`);
      for (const setting of [...CONFIGURED, ...CONFIGURED]) await sql(settingSql(setting));
      expect(await sql("SHOW pgaudit.log")).toEqual([{ "pgaudit.log": "DDL" }]);
      const ann = { user: "Ann@contoso.com", password: "Ann-1~password" };
      expect(await inSession(cloud, "SHOW pgaudit.log", ann)).toEqual([
        { "pgaudit.log": "READ,WRITE" },
      ]);
      expect(foreignSettings(await found(), CONFIGURED)).toEqual([]);
    });

    it("that somebody else set are found", async () => {
      await sql(`CREATE ROLE app; ALTER ROLE app IN DATABASE pgbench SET pgaudit.log = 'none';
      ALTER ROLE "Ann@contoso.com" SET pgaudit.log_parameter = off; ALTER ROLE app SET work_mem = 64`);
      expect(foreignSettings(await found(), CONFIGURED).map(settingWords)).toEqual([
        "role Ann@contoso.com: pgaudit.log_parameter is 'off', which wins over the server's and isn't in the configuration. " +
          'This removes it: ALTER ROLE "Ann@contoso.com" RESET "pgaudit.log_parameter";',
        "role app in database pgbench: pgaudit.log is 'none', which wins over the server's and isn't in the configuration. " +
          'This removes it: ALTER ROLE "app" IN DATABASE "pgbench" RESET "pgaudit.log";',
      ]);
    });

    it("are reset alone, also where role or database are gone", async () => {
      for (const setting of CONFIGURED) await sql(settingRemovalSql(setting));
      expect(await found()).toEqual([
        { role: "app", database: "pgbench", parameter: "pgaudit.log", value: "none" },
      ]);
      const [gone] = configuredSettings({
        roles: {},
        databases: { gone: { "pgaudit.log": "DDL" } },
      });
      if (gone) await sql(settingRemovalSql(gone));
      await sql(`DROP ROLE "Ann@contoso.com"`);
      for (const setting of CONFIGURED) await sql(settingRemovalSql(setting));
    });
  },
);
