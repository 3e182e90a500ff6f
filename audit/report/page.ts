import { createHash } from "node:crypto";
import { formatCount, type Tally } from "../output/tally";
import { oneLine } from "../output/terminal-text";
import type { BrokenLine } from "../record";
import type { ClientBundle } from "./client-bundle";
import { DATA_ELEMENT } from "./report-data";

export interface PageContent {
  /** ISO 8601, as all times. */
  readonly createdAt: string;
  readonly servers: readonly string[];
  /** Times of the oldest and the newest record; undefined without records. */
  readonly range?: { readonly first: string; readonly last: string };
  /** Records in the table. */
  readonly rows: number;
  readonly oldestRow?: string;
  readonly errors: number;
  readonly users: number;
  readonly tally: Tally;
  /** `ReportData` as JSON, compressed by gzip, in base64. */
  readonly data: string;
  readonly client: ClientBundle;
}

/**
 * Renders the page. Texts of the trail are escaped here, or set as text content by the page's script. The content
 * security policy forbids other scripts and styles, and every request.
 */
export function renderPage(content: PageContent): string {
  const { client, data } = content;
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(client.script)}'`,
    `style-src '${hashOf(client.style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(titleOf(content))}</title>
<style>${client.style}</style>
</head>
<body>
${header(content)}
<main>
${figures(content)}
${notices(content)}
${CHARTS}
${RECORDS}
</main>
${DIALOG}
<script type="application/octet-stream" id="${DATA_ELEMENT}">${data}</script>
<script>${client.script}</script>
</body>
</html>
`;
}

function titleOf({ servers, range }: PageContent): string {
  const days = range ? [...new Set([day(range.first), day(range.last)])].join(" to ") : "empty";
  return `Audit trail${servers.length > 0 ? ` of ${serverNames(servers)}` : ""}, ${days}`;
}

function header({ servers, range, createdAt }: PageContent): string {
  const server = servers.length === 0 ? "No server is named in the records" : serverNames(servers);
  return `<header class="top">
<div>
<h1>PostgreSQL audit trail</h1>
<p class="about"><strong>${escapeHtml(server)}</strong>
<span>${range ? rangeText(range.first, range.last) : "no records"}</span>
<span class="made">created ${timeElement(createdAt)} UTC</span></p>
</div>
<button type="button" id="theme" class="quiet" aria-pressed="false" hidden>Dark</button>
</header>`;
}

function figures({ tally, errors, users }: PageContent): string {
  const { shown, system, filtered, broken } = tally;
  return `<section aria-label="Figures">
<dl class="figures">
${figure("records", shown, "Records")}
${figure("users", users, "Users")}
${figure("errors", errors, "Errors and warnings")}
${figure("filtered", filtered, "Left out by filters")}
${figure("system", system, "Hidden: Azure's own sessions")}
${figure("broken", broken, "Broken lines")}
</dl>
</section>`;
}

function figure(name: string, count: number, label: string): string {
  const alarming = (name === "broken" || name === "errors") && count > 0;
  return `<div class="figure${alarming ? " alarming" : ""}"><dt>${label}</dt><dd id="figure-${name}">${formatCount(count)}</dd></div>`;
}

function notices({ tally, rows, oldestRow }: PageContent): string {
  const { shown, broken, brokenLines } = tally;
  const parts = [`<p class="notice" id="trouble" role="alert" hidden></p>`];
  parts.push(
    `<noscript><p class="notice">The charts and the table need JavaScript, which is switched off.</p></noscript>`,
  );
  if (rows < shown && oldestRow !== undefined) {
    parts.push(
      `<p class="notice" id="truncated">The charts count all ${formatCount(shown)} records. The table below contains the newest ${formatCount(rows)}, ` +
        `since ${timeElement(oldestRow)} UTC: choose a shorter time range to see the others.</p>`,
    );
  }
  if (broken > 0) {
    const more = broken - brokenLines.length;
    parts.push(`<details class="notice" id="broken-lines">
<summary>${formatCount(broken)} ${broken === 1 ? "line" : "lines"} could not be decoded, and ${broken === 1 ? "is" : "are"} missing here</summary>
<ul>${brokenLines.map(brokenLine).join("")}${more > 0 ? `<li>and ${formatCount(more)} more</li>` : ""}</ul>
</details>`);
  }
  return parts.join("\n");
}

function brokenLine({ file, file_offset, length_bytes, reason }: BrokenLine): string {
  const place = `<code>${escapeHtml(file)}</code>, byte ${file_offset}, ${formatCount(length_bytes)} bytes`;
  return `<li>${place}: ${escapeHtml(reason)}</li>`;
}

const CHARTS = `<section aria-labelledby="timeline-heading" class="card" id="timeline">
<h2 id="timeline-heading">Over time <small id="timeline-step"></small></h2>
<div id="categories" class="categories" role="group" aria-label="Show only these classes"></div>
<div class="plot"><canvas id="timeline-chart" tabindex="0" role="img" aria-label="Records over time"></canvas></div>
<p class="hint">Click a bar, or use the arrow keys and Enter, to show its records only.</p>
<p id="timeline-said" class="unseen" aria-live="polite"></p>
</section>
<div class="tops">
<section class="card" aria-labelledby="top-user-heading"><h2 id="top-user-heading">Users</h2><div id="top-user"></div></section>
<section class="card" aria-labelledby="top-object-heading"><h2 id="top-object-heading">Objects</h2><div id="top-object"></div></section>
<section class="card" aria-labelledby="top-command-heading"><h2 id="top-command-heading">Commands</h2><div id="top-command"></div></section>
</div>`;

const RECORDS = `<section aria-labelledby="records-heading" id="records">
<h2 id="records-heading">Records</h2>
<div class="tools" id="tools">
<div class="search">
<label class="unseen" for="search">Search in all fields; words in any order, "quoted words" exactly</label>
<input type="search" id="search" placeholder="Search: drop &quot;create role&quot; alice" autocomplete="off" spellcheck="false" enterkeyhint="search">
<p id="found" role="status" aria-live="polite">Reading the records …</p>
</div>
<div id="chosen" class="chosen" role="group" aria-label="Chosen filters"></div>
</div>
<table id="table" role="grid" tabindex="0" aria-labelledby="records-heading" aria-describedby="table-hint">
<thead role="rowgroup"><tr role="row" id="columns"></tr></thead>
<tbody role="rowgroup" id="rows"></tbody>
</table>
<p id="table-hint" class="hint">Click a row, or use the arrow keys and Enter, to show the whole record.</p>
<p id="nothing" class="nothing" hidden>No record matches. <button type="button" id="clear">Show all</button></p>
<p id="printed" class="printed"></p>
</section>
<a href="#records" id="to-records" hidden></a>`;

const DIALOG = `<dialog id="record" aria-labelledby="record-heading">
<div class="record-bar">
<h2 id="record-heading">Record</h2>
<button type="button" id="record-newer" class="quiet">Previous</button>
<button type="button" id="record-older" class="quiet">Next</button>
<button type="button" id="record-close" class="quiet">Close</button>
</div>
<div id="record-body" tabindex="-1"></div>
</dialog>`;

function serverNames(servers: readonly string[]): string {
  const shown = servers.slice(0, 3).join(", ");
  return servers.length > 3 ? `${shown} and ${servers.length - 3} more` : shown;
}

/** The day is written once if both times have the same. */
function rangeText(first: string, last: string): string {
  const end = day(first) === day(last) ? timeElement(last, clock(last)) : timeElement(last);
  return `${timeElement(first)} to ${end} UTC`;
}

function timeElement(time: string, text = `${day(time)} ${clock(time)}`): string {
  return `<time datetime="${escapeHtml(time)}">${escapeHtml(text)}</time>`;
}

function clock(time: string): string {
  return time.slice("2026-11-22T".length, "2026-11-22T17:51:17".length);
}

function day(time: string): string {
  return time.slice(0, "2026-11-22".length);
}

/** For content and attributes; control characters become visible. */
function escapeHtml(text: string): string {
  return oneLine(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
