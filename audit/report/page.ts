import { createHash } from "node:crypto";
import { day, escapeHtml } from "./html-text";
import type { PageContent } from "./page-content";
import { header, pageHead } from "./page-head";
import { DATA_ELEMENT } from "./report-data";

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
${pageHead(content)}
${TIMELINE}
<div class="tops" id="tops">
${TOPS.map(([group, heading]) => topCard(group, heading, content)).join("\n")}
</div>
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
  const more = servers.length > 3 ? ` and ${servers.length - 3} more` : "";
  const names = servers.slice(0, 3).join(", ") + more;
  return `Audit trail${servers.length > 0 ? ` of ${names}` : ""}, ${days}`;
}

const TIMELINE = `<section aria-labelledby="timeline-heading" class="card" id="timeline">
<h2 id="timeline-heading">Over time <small id="timeline-step"></small></h2>
<div id="categories" class="categories" role="group" aria-label="Show only these classes"></div>
<div class="plot"><canvas id="timeline-chart" tabindex="0" role="img" aria-label="Records over time"></canvas></div>
<p class="hint">Click a bar, or drag over several, to show their records only; or use the arrow keys and Enter.</p>
<p id="timeline-said" class="unseen" aria-live="polite"></p>
</section>`;

/** The ranked groups; those of databases and servers are visible if there are several. */
const TOPS: readonly (readonly [group: string, heading: string])[] = [
  ["user", "Users"],
  ["object", "Objects"],
  ["command", "Commands"],
  ["database", "Databases"],
  ["server", "Servers"],
];

function topCard(group: string, heading: string, { namesRelations }: PageContent): string {
  const hint =
    group === "object" && !namesRelations
      ? `<p class="hint" id="no-relations">No record of the classes READ and WRITE names an object, so that this chart doesn't count them. The server's parameter pgaudit.log_relation adds the names.</p>`
      : "";
  return `<section class="card" aria-labelledby="top-${group}-heading"><h2 id="top-${group}-heading">${heading}</h2><div id="top-${group}"></div>${hint}</section>`;
}

const RECORDS = `<section aria-labelledby="records-heading" id="records">
<h2 id="records-heading">Records</h2>
<div class="tools" id="tools">
<div class="search">
<label class="unseen" for="search">Search in all fields; words in any order, "quoted words" exactly</label>
<input type="search" id="search" placeholder="Search: drop &quot;create role&quot; alice" autocomplete="off" spellcheck="false" enterkeyhint="search">
<p id="found" role="status" aria-live="polite">Reading the records …</p>
<button type="button" id="csv" class="quiet" hidden>Download as CSV</button>
</div>
<div id="chosen" class="chosen" role="group" aria-label="Chosen filters"></div>
</div>
<table id="table" role="grid" tabindex="0" aria-labelledby="records-heading" aria-describedby="table-hint">
<thead role="rowgroup"><tr role="row" id="columns"></tr></thead>
<tbody role="rowgroup" id="rows"></tbody>
</table>
<p id="table-hint" class="hint">Click a row, or use the arrow keys and Enter, to show the whole record.</p>
<p id="nothing" class="nothing" hidden><span id="nothing-why">No record matches.</span> <button type="button" id="clear" class="link">Show all</button></p>
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

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
