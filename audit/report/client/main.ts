import { DATA_ELEMENT, type ReportData } from "../report-data";
import { type Choice, Chooser } from "./choice";
import { showCategories, showChosen, showTops } from "./choices";
import { byId, count, records } from "./dom";
import { RecordDialog } from "./record-dialog";
import { RecordTable } from "./record-table";
import { Finder, Rows } from "./rows";
import { Theme } from "./theme";
import { TimelineChart } from "./timeline-chart";

async function readData(): Promise<ReportData> {
  const bytes = Uint8Array.from(atob(byId(DATA_ELEMENT).textContent ?? ""), (character) =>
    character.charCodeAt(0),
  );
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(stream).json()) as ReportData;
}

async function start(): Promise<void> {
  const theme = new Theme();
  const data = await readData();
  byId(DATA_ELEMENT).remove();
  const chooser = new Chooser();
  const chart = data.records > 0 ? new TimelineChart(data.timeline, chooser, theme) : undefined;
  byId("timeline").hidden = !chart;
  showCategories(data.timeline, chooser);
  showTops(data, chooser);
  showChosen(chooser);
  listen(chooser);
  const rows = new Rows(data);
  const dialog = new RecordDialog(() => table, chooser);
  const table = new RecordTable(rows, chooser, (position) => dialog.open(position));
  showMatches(rows, chooser, table);
  const print = (printing: boolean) => {
    theme.setPrinting(printing);
    table.setPrinting(printing);
    chart?.resize();
  };
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
}

function listen(chooser: Chooser): void {
  const search = byId<HTMLInputElement>("search");
  search.addEventListener("input", () => chooser.change({ search: search.value }));
  byId("clear").addEventListener("click", () => chooser.clear());
  chooser.onChange((choice) => {
    if (search.value !== choice.search) search.value = choice.search;
  });
  // The table's heading is sticky below the tools, whose height depends on the chosen filters.
  const tools = byId("tools");
  const setHeight = () =>
    document.documentElement.style.setProperty("--tools-height", `${tools.offsetHeight}px`);
  new ResizeObserver(setHeight).observe(tools);
  // A link to the table while it isn't visible: filters are also chosen in the charts above it.
  const link = byId("to-records");
  new IntersectionObserver(([records]) => {
    link.hidden = records?.isIntersecting ?? false;
  }).observe(byId("rows"));
}

/** Shows the records that match the choice, now and after each change. */
function showMatches(rows: Rows, chooser: Chooser, table: RecordTable): void {
  const finder = new Finder(rows);
  let finding = new AbortController();
  const find = async (choice: Choice) => {
    finding.abort();
    finding = new AbortController();
    const found = await finder.find(choice, finding.signal);
    if (!found) return;
    table.show(found, choice.newestFirst);
    const isAll = found.length === rows.length;
    const text = isAll ? records(rows.length) : `${count(found.length)} of ${records(rows.length)}`;
    byId("found").textContent = text;
    byId("to-records").textContent = isAll ? "" : `${text} ↓`;
    byId("nothing").hidden = found.length > 0 || rows.length === 0;
    byId("table").hidden = found.length === 0;
  };
  chooser.onChange((choice) => void find(choice).catch(showError));
  find(chooser.current)
    .then(() => finder.prepare())
    .catch(showError);
}

function showError(error: unknown): void {
  const trouble = byId("trouble");
  trouble.textContent = `This browser can't show the page: ${String(error)}. Use a browser of 2024 or newer.`;
  trouble.hidden = false;
  console.error(error);
}

start().catch(showError);
