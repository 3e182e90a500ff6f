import { azureRecord, blobName } from "../../../../../local/backends/log-shipper/record";

const ID =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/n";
const CONTEXT = { resourceId: ID, location: "westeurope", logLinePrefix: "%u " };
const LINE = {
  timestamp: "2022-05-23 08:23:59.526 UTC",
  user: "pgadmin",
  pid: 1234,
  error_severity: "ERROR",
  state_code: "23505",
  message: 'duplicate key "k"\nsecond line',
};

describe("a record in Azure's format", () => {
  test("has prefix and level in the message, and the server in upper case", () => {
    expect(JSON.parse(azureRecord(LINE, CONTEXT))).toEqual({
      properties: {
        timestamp: "2022-05-23 08:23:59.526 UTC",
        processId: 1234,
        errorLevel: "ERROR",
        sqlerrcode: "23505",
        message: 'pgadmin ERROR:  duplicate key "k"\nsecond line',
      },
      time: "2022-05-23T08:23:59.526Z",
      resourceId: ID.toUpperCase(),
      location: "westeurope",
      category: "PostgreSQLLogs",
      operationName: "LogEvent",
    });
  });

  test("is one line, whatever the message contains", () => {
    expect(azureRecord(LINE, CONTEXT)).not.toContain("\n");
  });

  test("has detail and backend type if the line has them", () => {
    const line = { ...LINE, detail: "Key (k)=(1)", backend_type: "client backend" };
    expect(JSON.parse(azureRecord(line, CONTEXT))).toMatchObject({
      properties: { detail: "Key (k)=(1)", backend_type: "client backend" },
    });
  });

  test("has the SQLSTATE before the message with log_error_verbosity verbose", () => {
    const { properties } = JSON.parse(azureRecord({ ...LINE, file_name: "x.c" }, CONTEXT)) as {
      properties: { message: string };
    };
    expect(properties.message).toMatch(/^pgadmin ERROR: {2}23505: duplicate key/);
  });

  test.each([
    ["2022-05-23 08:59:59.999 UTC", "y=2022/m=05/d=23/h=08"],
    ["2022-05-23 09:00:00.000 UTC", "y=2022/m=05/d=23/h=09"],
    ["2022-12-31 23:59:59.999 UTC", "y=2022/m=12/d=31/h=23"],
  ])("of %s stands in the blob of its hour", (timestamp, hour) => {
    expect(blobName(ID, timestamp)).toBe(`resourceId=${ID.toUpperCase()}/${hour}/m=00/PT1H.json`);
  });
});
