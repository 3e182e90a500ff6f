import {
  claim,
  get,
  type Place,
  post,
  put,
  refused,
  remove,
  request,
  setUp,
  type Topic,
} from "../claim";

const INVALID = "InvalidParameterValue";

/** The PUT body of a server. @param properties added to the properties */
export const serverBody = ({ location, password }: Place, properties: object = {}) => ({
  location,
  sku: { name: "Standard_B1ms", tier: "Burstable" },
  properties: {
    version: "15",
    administratorLogin: "pgadmin",
    administratorLoginPassword: password,
    storage: { storageSizeGB: 32 },
    createMode: "Default",
    ...properties,
  },
});

export const serverId = ({ group }: Place, name: string) =>
  `${group}/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;

/** Servers that Azure doesn't create. */
export const refusedServers: Topic = {
  name: "Flexible servers that are refused",
  minutes: 3,
  steps: (place) => {
    const server = (properties: object, more: object = {}, name = `refused-${place.unique}`) =>
      put(serverId(place, name), { ...serverBody(place, properties), ...more });
    const named = (name: string) => server({}, {}, name);
    const sized = (name: string, tier: string) => server({}, { sku: { name, tier } });
    const refuse = (what: string, body: ReturnType<typeof put>, code = INVALID, message?: RegExp) =>
      refused(`a server can't have ${what}`, body, 400, code, message);
    return [
      refuse("a name of two characters", named("ab"), "InvalidServerName"),
      refuse("a name that ends with a hyphen", named("lab-"), "InvalidServerName"),
      refuse("a reserved name", named("microsoft"), "ReservedResourceName", /'microsoft'/),
      refuse(
        "a location that Azure doesn't have",
        server({}, { location: "atlantis" }),
        "LocationNotAvailableForResourceType",
        /'atlantis'/,
      ),
      refuse("a size of another tier", sized("Standard_D2ds_v5", "Burstable"), INVALID, /SkuName/),
      refuse(
        "a size that Azure lacks",
        sized("Standard_D3ds_v5", "GeneralPurpose"),
        INVALID,
        /SkuName/,
      ),
      refuse("version 9", server({ version: "9" }), INVALID, /Version/),
      refuse(
        "a storage size that Azure lacks",
        server({ storage: { storageSizeGB: 100 } }),
        INVALID,
        /StorageSizeGB/,
      ),
      ...["azure_superuser", "azuresu", "admin", "Administrator", "root", "guest", "public"].map(
        (administratorLogin) =>
          refuse(
            `the administrator ${administratorLogin}`,
            server({ administratorLogin }),
            INVALID,
            /AdministratorLogin/,
          ),
      ),
      refuse("an administrator that begins with pg_", server({ administratorLogin: "pg_me" })),
      refuse(
        "a password of two character classes",
        server({ administratorLoginPassword: "onlyletters1" }),
        "PasswordNotComplex",
      ),
      refuse(
        "a password that contains its administrator",
        server({ administratorLoginPassword: "My-PGadmin-1" }),
        "PasswordNotComplex",
      ),
      refuse(
        "no password",
        server({ administratorLoginPassword: undefined }),
        "MissingRequiredParameter",
        /administratorLoginPassword/,
      ),
    ];
  },
};

/** A server with public access, from its creation until after its deletion. */
export const publicServer: Topic = {
  name: "A flexible server with public access",
  minutes: 30,
  steps: (place) => {
    const name = `conformance-${place.unique}`;
    const id = serverId(place, name);
    const body = serverBody(place, { storage: { storageSizeGB: 64 } });
    const done = { status: 202, ended: "Succeeded" } as const;
    return [
      claim("a server is created by an operation", put(id, body), {
        ...done,
        body: { properties: { state: "Ready", administratorLogin: "pgadmin" } },
      }),
      setUp(get(id)),
      // pulumi-azure-native 4685 reports an InternalServerError.
      claim("a server can be put again unchanged", put(id, body), done),
      claim("a server keeps what a PATCH omits", request("PATCH", id, { tags: { owner: "me" } }), {
        ...done,
        body: { tags: { owner: "me" }, properties: { storage: { storageSizeGB: 64 } } },
      }),
      ...parameters(id),
      ...children(id),
      refused(
        "a server can't move to another location",
        put(id, { ...body, location: place.otherLocation }),
        409,
        "InvalidResourceLocation",
      ),
      refused(
        "a server can't change its administrator",
        put(id, serverBody(place, { administratorLogin: "dba", storage: { storageSizeGB: 64 } })),
        400,
        INVALID,
        /pgadmin/,
      ),
      refused("a server can't get less storage", put(id, serverBody(place)), 400, INVALID, /64/),
      claim("a server is restarted by an operation", post(`${id}/restart`), done),
      ...stoppedServer(id),
      claim("a server is deleted by an operation", remove(id), done),
      claim("a deleted server isn't found", get(id), { status: 404, code: "ResourceNotFound" }),
      claim("the creation of a server with a deleted one's name fails", put(id, body), {
        status: 202,
        ended: "Failed",
        code: "ServerGroupDropping",
      }),
    ];
  },
};

const parameters = (server: string) => {
  const id = (name: string) => `${server}/configurations/${name}`;
  const set = (name: string, value: string) =>
    put(id(name), { properties: { value, source: "user-override" } });
  const hasProperties = (name: string, what: string, properties: object) =>
    claim(`the parameter ${name} ${what}`, get(id(name)), { status: 200, body: { properties } });
  const refusedValue = (name: string, value: string) =>
    refused(
      `${name} can't be '${value}'`,
      set(name, value),
      400,
      "ServerParameterToCMSUnAllowedParameterValue",
      /is invalid for server parameter/,
    );
  return [
    claim("a parameter is set by an operation", set("work_mem", "8192"), {
      status: 202,
      ended: "Succeeded",
      body: { properties: { value: "8192", source: "user-override" } },
    }),
    ...["log_connections", "log_disconnections", "log_hostname", "log_parameter_max_length"].map(
      (name) => hasProperties(name, "needs no restart", { isDynamicConfig: true }),
    ),
    hasProperties("shared_preload_libraries", "needs a restart", { isDynamicConfig: false }),
    hasProperties("log_replication_commands", "is read-only", { isReadOnly: true }),
    ...["pgaudit.log_rows", "pgaudit.log_statement"].map((name) =>
      hasProperties(name, "exists", { isReadOnly: false }),
    ),
    refusedValue("work_mem", "4095"),
    refusedValue("work_mem", "64MB"),
    refusedValue("work_mem", ""),
    refusedValue("random_page_cost", "-1"),
    refusedValue("log_lock_waits", "maybe"),
    refusedValue("pgaudit.log", "read,-misc"),
    refusedValue("pgaudit.log_level", "loud"),
    refusedValue("azure.extensions", "PGAUDIT,NONSENSE"),
    refusedValue("shared_preload_libraries", "pgaudit,rootkit"),
    claim(
      "a read-only parameter is accepted, and the operation fails",
      set("log_replication_commands", "off"),
      {
        status: 202,
        ended: "Failed",
        code: "OperationFailed",
      },
    ),
    claim(
      "a value that only PostgreSQL refuses is accepted, and the operation fails",
      set("TimeZone", "Middle/Earth"),
      {
        status: 202,
        ended: "Failed",
        code: INVALID,
      },
    ),
    refused(
      "a parameter that doesn't exist isn't set",
      set("no_such", "1"),
      400,
      "InvalidParameterName",
    ),
    claim("a parameter that doesn't exist isn't found", get(id("no_such")), {
      status: 404,
      code: "ResourceNotFound",
    }),
    claim("parameters are listed in pages of 100", get(`${server}/configurations`), {
      status: 200,
      body: { value: { length: 100 } },
    }),
  ];
};

const children = (server: string) => {
  const database = `${server}/databases/second`;
  const rule = (startIpAddress: string, endIpAddress: string) =>
    put(`${server}/firewallRules/office`, { properties: { startIpAddress, endIpAddress } });
  return [
    claim(
      "a database is created by an operation",
      put(database, { properties: { charset: "UTF8" } }),
      {
        status: 202,
        ended: "Succeeded",
      },
    ),
    claim("a database is dropped by an operation", remove(database), {
      status: 202,
      ended: "Succeeded",
    }),
    claim("a dropped database isn't found", get(database), {
      status: 404,
      code: "ResourceNotFound",
    }),
    ...["postgres", "azure_sys", "x".repeat(64)].map((name) =>
      refused(
        `a database can't be named '${name}'`,
        put(`${server}/databases/${name}`, { properties: {} }),
        400,
        INVALID,
        /databaseName/,
      ),
    ),
    claim("Azure's own databases are listed", get(`${server}/databases`), {
      status: 200,
      body: { value: { length: 3 } },
    }),
    claim("a firewall rule is created by an operation", rule("192.0.2.9", "192.0.2.10"), {
      status: 202,
      ended: "Succeeded",
    }),
    refused(
      "a firewall rule can't end before it starts",
      rule("192.0.2.10", "192.0.2.9"),
      400,
      INVALID,
    ),
    refused(
      "an administrator of Microsoft Entra isn't added to a server without Entra sign-in",
      put(`${server}/administrators/22222222-2222-4222-8222-222222222222`, {
        properties: { principalName: "ann@contoso.com", principalType: "User" },
      }),
      400,
      INVALID,
    ),
  ];
};

const stoppedServer = (id: string) => {
  const parameter = `${id}/configurations/work_mem`;
  const refuse = (what: string, claimed: ReturnType<typeof put>) =>
    refused(`a stopped server ${what}`, claimed, 400, "ServerStoppedError");
  return [
    claim("a server is stopped by an operation", post(`${id}/stop`), {
      status: 202,
      ended: "Succeeded",
    }),
    claim("a stopped server shows its state", get(id), {
      status: 200,
      body: { properties: { state: "Stopped" } },
    }),
    refuse("shows no parameter", get(parameter)),
    refuse("lists no parameters", get(`${id}/configurations`)),
    refuse("refuses to set a parameter", put(parameter, { properties: { value: "4096" } })),
    refuse("refuses to create a database", put(`${id}/databases/more`, { properties: {} })),
    refuse("refuses a change", request("PATCH", id, { tags: { owner: "you" } })),
    claim("a stopped server accepts a restart, which fails", post(`${id}/restart`), {
      status: 202,
      ended: "Failed",
      code: "ServerIsNotReady",
    }),
    claim("a server is started by an operation", post(`${id}/start`), {
      status: 202,
      ended: "Succeeded",
    }),
  ];
};
