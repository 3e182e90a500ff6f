import { formatCount } from "../output/tally";
import type { BrokenLine } from "../record";
import { escapeHtml, rangeText, timeElement } from "./html-text";
import type { PageContent } from "./page-content";
import type { NotableRule } from "./report-data";

/** The top of the page: what it is, what rules found, how much was read, and what one must know to read it. */
export function pageHead(content: PageContent): string {
  return [notableRules(content), figures(content), notices(content)].join("\n");
}

export function header({ servers, range, createdAt }: PageContent): string {
  return `<header class="top">
<div>
<h1>PostgreSQL audit trail</h1>
<div class="about">${serverNames(servers)}
<span>${range ? rangeText(range.first, range.last) : "no records"}</span>
<span class="made">created ${timeElement(createdAt)} UTC</span></div>
</div>
<button type="button" id="theme" class="quiet" aria-pressed="false" hidden>Dark</button>
</header>`;
}

const SERVERS_SHOWN = 3;

function serverNames(servers: readonly string[]): string {
  if (servers.length === 0) return "<strong>No server is named in the records</strong>";
  const names = servers.map(escapeHtml);
  const shown = names.slice(0, SERVERS_SHOWN).join(", ");
  if (names.length <= SERVERS_SHOWN) return `<strong>${shown}</strong>`;
  return `<details id="servers">
<summary><strong>${shown}</strong> and ${names.length - SERVERS_SHOWN} more</summary>
<ul>${names.map((name) => `<li>${name}</li>`).join("")}</ul>
</details>`;
}

function notableRules({ notable }: PageContent): string {
  if (!notable) return "";
  const found = notable.map(({ count }) => count).reduce((sum, count) => sum + count, 0);
  const heading = found === 0 ? "no rule found anything" : findings(found);
  return `<section class="card" id="notable" aria-labelledby="notable-heading">
<h2 id="notable-heading">Notable <small>${heading}</small></h2>
${notable.length === 0 ? "" : `<ul class="rules">${notable.map(notableRule).join("")}</ul>`}
</section>`;
}

/** The button gets its function from the page's script. */
function notableRule({ title, level, count, first, last, older, notes }: NotableRule): string {
  const missing = older > 0 ? `, ${formatCount(older)} older than the table` : "";
  const when = first === last ? `${timeElement(first)} UTC` : rangeText(first, last);
  return `<li><button type="button" class="rule" aria-pressed="false">
<span class="level" data-level="${escapeHtml(level)}">${escapeHtml(level)}</span>
<strong>${escapeHtml(title)}</strong>
<span class="number">${findings(count)}${missing}</span>
<span class="when">${[when, ...notes.map(escapeHtml)].join("<br>")}</span>
</button></li>`;
}

function findings(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "finding" : "findings"}`;
}

function figures({ tally, errors, users }: PageContent): string {
  const { shown, system, filtered, broken, ambiguous } = tally;
  return `<section aria-label="Figures of the whole report">
<dl class="figures">
${figure("records", shown, "Records")}
${figure("users", users, "Users")}
${figure("errors", errors, "Errors, warnings and notices")}
${figure("filtered", filtered, "Left out by the command's filters")}
${figure("system", system, "Hidden: Azure's own sessions")}
${figure("broken", broken, "Broken lines")}
${ambiguous > 0 ? figure("ambiguous", ambiguous, "Ambiguous records") : ""}
</dl>
</section>`;
}

const ALARMING = ["errors", "broken", "ambiguous"];

function figure(name: string, count: number, label: string): string {
  const alarming = ALARMING.includes(name) && count > 0;
  return `<div class="figure${alarming ? " alarming" : ""}"><dt>${label}</dt><dd id="figure-${name}">${formatCount(count)}</dd></div>`;
}

function notices(content: PageContent): string {
  return [
    `<p class="notice" id="trouble" role="alert" hidden></p>`,
    `<noscript><p class="notice">The charts and the table need JavaScript, which is switched off.</p></noscript>`,
    truncation(content),
    ambiguity(content),
    brokenLines(content),
  ].join("\n");
}

function truncation({ rows, oldestRow, tally: { shown } }: PageContent): string {
  if (rows >= shown || oldestRow === undefined) return "";
  return (
    `<p class="notice" id="truncated">The charts count all ${formatCount(shown)} records until a filter is chosen. The table below, ` +
    `and the charts with a filter, contain the newest ${formatCount(rows)} records, since ${timeElement(oldestRow)} UTC: ` +
    `create a report of a shorter time range to see the others.</p>`
  );
}

function ambiguity({ tally: { ambiguous } }: PageContent): string {
  if (ambiguous === 0) return "";
  const [records, are, they] =
    ambiguous === 1 ? ["record", "is", "it stays"] : ["records", "are", "they stay"];
  return (
    `<p class="notice" id="ambiguity">${formatCount(ambiguous)} ${records} ${are} ambiguous: a client chose misleading names, which read ` +
    `like other fields of the line. Fields that aren't certain are empty, and ${they} visible whichever of their values is chosen. ` +
    `<button type="button" id="show-ambiguous" class="link" hidden>Show only ambiguous records</button></p>`
  );
}

function brokenLines({ tally: { broken, brokenLines: lines } }: PageContent): string {
  if (broken === 0) return "";
  const more = broken - lines.length;
  const rest = more > 0 ? `<li>and ${formatCount(more)} more, which aren't listed</li>` : "";
  return `<details class="notice" id="broken-lines">
<summary>${formatCount(broken)} ${broken === 1 ? "line" : "lines"} could not be decoded, and ${broken === 1 ? "is" : "are"} missing here</summary>
<ul>${lines.map(brokenLine).join("")}${rest}</ul>
</details>`;
}

function brokenLine({ file, file_offset, length_bytes, reason }: BrokenLine): string {
  const place = `<code>${escapeHtml(file)}</code>, byte ${file_offset}, ${formatCount(length_bytes)} bytes`;
  return `<li>${place}: ${escapeHtml(reason)}</li>`;
}
