import { DATA_ELEMENT, type ReportData } from "../report-data";
import { Address } from "./address";
import { Chooser, isFiltered } from "./choice";
import { activateRules, showCategories, showChosen } from "./choices";
import { sum } from "./counter";
import { CsvDownload } from "./csv-download";
import { byId, count, records } from "./dom";
import { RecordDialog } from "./record-dialog";
import { RecordTable } from "./record-table";
import { type Result, Results } from "./results";
import { Theme } from "./theme";
import { TimelineChart } from "./timeline-chart";
import { showTops } from "./tops";

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
  new Address(chooser);
  const results = new Results(data, chooser);
  const chart = data.records > 0 ? new TimelineChart(results, chooser, theme) : undefined;
  byId("timeline").hidden = !chart;
  byId("tops").hidden = !chart;
  showCategories(results, chooser);
  showTops(results, chooser);
  showChosen(results, chooser);
  activateRules(results, chooser);
  listen(chooser);
  const dialog = new RecordDialog(() => table, chooser);
  const table = new RecordTable(results.rows, chooser, (position) => dialog.open(position));
  results.onResult(({ found, choice }) => table.show(found, choice.newestFirst));
  results.onResult((result) => showNumber(result, results));
  new CsvDownload(results, showError);
  const print = (printing: boolean) => {
    theme.setPrinting(printing);
    table.setPrinting(printing);
    chart?.resize();
  };
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  await results.start(showError);
}

function listen(chooser: Chooser): void {
  const search = byId<HTMLInputElement>("search");
  const showSearch = () => {
    if (search.value !== chooser.current.search) search.value = chooser.current.search;
  };
  showSearch();
  chooser.onChange(showSearch);
  search.addEventListener("input", () => chooser.change({ search: search.value }));
  byId("clear").addEventListener("click", () => chooser.clear());
  const ambiguous = document.getElementById("show-ambiguous");
  ambiguous?.addEventListener("click", () => {
    chooser.clear();
    chooser.toggleCategory("ambiguous");
  });
  ambiguous?.removeAttribute("hidden");
  // The table's heading is sticky below the tools, whose height depends on the chosen filters.
  const tools = byId("tools");
  const setHeight = () =>
    document.documentElement.style.setProperty("--tools-height", `${tools.offsetHeight}px`);
  new ResizeObserver(setHeight).observe(tools);
  // A link to the table while it isn't visible: filters are also chosen in the charts above it.
  const link = byId("to-records");
  new IntersectionObserver((changes) => {
    link.hidden = changes.at(-1)?.isIntersecting ?? false;
  }).observe(byId("rows"));
  link.addEventListener("click", (event) => {
    // The page's address contains the filters.
    event.preventDefault();
    byId("records").scrollIntoView({ block: "start" });
  });
}

/** Says how many records were found, and why there may be none. */
function showNumber({ found, choice, counts }: Result, { rows, isTruncated }: Results): void {
  const isAll = found.length === rows.length;
  const number = isAll ? records(rows.length) : `${count(found.length)} of ${records(rows.length)}`;
  const { series } = counts.timeline;
  const ambiguous = sum(series.find(({ category }) => category === "ambiguous")?.counts ?? []);
  const text =
    ambiguous > 0 && isFiltered(choice) ? `${number}, ${count(ambiguous)} ambiguous` : number;
  byId("found").textContent = text;
  byId("to-records").textContent = isAll ? "" : `${text} ↓`;
  byId("nothing").hidden = found.length > 0 || rows.length === 0;
  byId("table").hidden = found.length === 0;
  const to = choice.span?.to;
  const isOlder = isTruncated && to !== undefined && to <= rows.value("time", 0);
  byId("nothing-why").textContent = isOlder
    ? "The table has only newer records than these; create a report of this time."
    : "No record matches.";
}

function showError(error: unknown): void {
  const trouble = byId("trouble");
  trouble.textContent = `This browser can't show the page: ${String(error)}. Use a browser of 2024 or newer.`;
  trouble.hidden = false;
  console.error(error);
}

start().catch(showError);
