import * as path from "node:path";
import * as catalogue from "../../../../../local/backends/postgres/parameters/catalogue";
import { ServerParameters } from "../../../../../local/backends/postgres/server-parameters";
import { ServerRecords } from "../../../../../local/backends/postgres/server-record";
import { tempFolder } from "../../../support/temp-folder";

const folder = tempFolder();

/** A server with the parameter work_mem and the parameters of Azure's table. */
function server() {
  const records = new ServerRecords(path.join(folder(), "postgres"));
  records.writeState("s", {
    version: "15",
    address: "127.0.1.1",
    parameters: {},
    running: {},
    stopped: false,
  });
  const setting = { name: "work_mem", setting: "4096", boot_val: "4096", unit: "kB" };
  const more = { category: "Resource Usage / Memory", short_desc: "Memory.", enumvals: null };
  const settings = [
    {
      ...setting,
      ...more,
      context: "user",
      vartype: "integer",
      min_val: "64",
      max_val: "2147483647",
    },
  ];
  let loads = 0;
  const query = async (text: string) => {
    if (text === catalogue.SETTINGS_QUERY) return settings;
    return text.includes("pg_conf_load_time") ? [{ at: String(loads++) }] : [];
  };
  const written: unknown[] = [];
  const parameters = new ServerParameters({
    records,
    cluster: () => ({ writeParameters: (values) => written.push(values) }),
    hasLibrary: () => true,
    sql: (_name, work) => work(query as Parameters<typeof work>[0]),
  });
  return { parameters, written };
}

test("the definitions are built once per start of the server, not for each request", async () => {
  const definitions = jest.spyOn(catalogue, "parameterDefinitions");
  const { parameters, written } = server();
  const change = { value: "8192" };
  // The three steps of a PUT.
  await parameters.requireValidChange("s", "WORK_MEM", change);
  await parameters.set("s", "WORK_MEM", change);
  expect((await parameters.find("s", "work_mem"))?.properties.value).toBe("8192");
  expect(written).toEqual([{ work_mem: "8192" }]);
  await parameters.list("s");
  expect(definitions).toHaveBeenCalledTimes(1);
  await parameters.readSettings("s");
  await parameters.list("s");
  expect(definitions).toHaveBeenCalledTimes(2);
});
