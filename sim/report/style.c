/* SPDX-License-Identifier: MIT */
/*
 * Style: of the page, light, dark and printed, wide and narrow; and of a drawing that stands alone. The colours of series can
 * be told apart with the common kinds of colour blindness (after Okabe and Ito); those of ordered series run from light to
 * dark, or the other way on a dark ground.
 */
#include "report.h"

/* s0 to s7, then q0 to q7. */
static const char *const light[2 * VTD_FIGURE_SERIES] = {
    "#0b6cb3", "#d1570a", "#00875f", "#b4508d", "#b07d00", "#4aa3d8", "#6a4fb3", "#6b6f76",
    "#7cc4a4", "#4fb19d", "#2f9a98", "#228193", "#28698a", "#34507d", "#3c366a", "#3a1b50",
};
static const char *const dark[2 * VTD_FIGURE_SERIES] = {
    "#58aef0", "#ff8f4d", "#35cf9d", "#ea94c6", "#f0c04c", "#a5dcff", "#b39df5", "#b3b8c0",
    "#6a6ac0", "#4f78b8", "#4596b8", "#41b2ad", "#57cb97", "#8fdc7a", "#cde55f", "#fdf06f",
};

/* clang-format off */
/* What page and drawing share. */
static const char *const both[] = {
    ".ty,.end{text-anchor:end}",
    ".tx,.value{text-anchor:middle}",
    ".grid,.axis,.line,.spread{fill:none}",
    ".line{stroke-width:2;stroke-linejoin:round}",
    ".mark{stroke-width:1.2}",
    ".spread{stroke-width:1.3}",
    ".line.s1{stroke-dasharray:9 4}",
    ".line.s2{stroke-dasharray:3 3}",
    ".line.s3{stroke-dasharray:12 3 3 3}",
    ".line.s4{stroke-dasharray:6 2}",
    ".line.s5{stroke-dasharray:2 5}",
    ".line.s6{stroke-dasharray:14 5}",
    ".line.s7{stroke-dasharray:8 3 2 3 2 3}",
    NULL,
};

static const char *const of_page[] = {
    "*{box-sizing:border-box}",
    "html{-webkit-text-size-adjust:100%}",
    "body{margin:0;background:var(--bg);color:var(--ink);",
    "font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"DejaVu Sans\",sans-serif}",
    "main{max-width:1080px;margin:0 auto;padding:32px 20px 64px}",
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 8px;letter-spacing:-.01em}",
    "h2{font-size:1.3rem;margin:56px 0 8px;padding-top:20px;border-top:2px solid var(--ink)}",
    "header+section h2{margin-top:24px}",
    "h3{font-size:1.05rem;line-height:1.35;margin:0 0 2px}",
    "h4{font-size:.9rem;margin:16px 0 4px}",
    "h1,h2,h3,h4,td,th,li,p{overflow-wrap:anywhere}",
    "p{margin:6px 0}",
    ".lead,.note,footer{color:var(--soft)}",
    ".note{font-size:.9rem}",
    ".warn{background:var(--warn);color:var(--warn-ink);padding:10px 14px;border-radius:6px;margin:12px 0}",
    ".facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:14px 24px;margin:18px 0 8px}",
    ".facts div{min-width:0}",
    ".facts dt{color:var(--soft);font-size:.8rem;overflow-wrap:anywhere}",
    ".facts dd{margin:0;overflow-wrap:anywhere}",
    "figure{margin:36px 0 0;padding:0}",
    "figcaption{margin:0 0 8px}",
    ".panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:20px 24px}",
    ".panels h4{margin:8px 0 0;font-weight:600}",
    "svg{display:block;width:100%;height:auto;overflow:visible}",
    ".narrow{display:none}",
    ".legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:8px 0;padding:0;font-size:.9rem}",
    ".legend li{display:flex;align-items:center;gap:6px;min-width:0}",
    ".legend svg{width:26px;flex:none}",
    ".legend .name{color:var(--soft)}",
    "svg text{font:12px system-ui,-apple-system,\"Segoe UI\",Roboto,\"DejaVu Sans\",sans-serif;fill:var(--soft)}",
    "svg .label{fill:var(--ink);font-weight:500}",
    "svg .value{fill:var(--ink);font-size:11px}",
    ".grid{stroke:var(--rule)}",
    ".axis{stroke:var(--soft)}",
    ".line,.spread{stroke:var(--c)}",
    ".mark{fill:var(--c);stroke:var(--bg)}",
    ".bar{fill:var(--c)}",
    ".mark:hover,.bar:hover{stroke:var(--ink);stroke-width:2}",
    ".ink{--c:var(--ink)}",
    "details{border-top:1px solid var(--rule);font-size:.9rem}",
    "details[open]{padding-bottom:10px}",
    "figure details:first-of-type{margin-top:12px}",
    "summary{cursor:pointer;padding:8px 0;color:var(--soft)}",
    "summary:hover{color:var(--ink)}",
    ".scroll{overflow-x:auto}",
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:4px 0 10px}",
    "th,td{padding:4px 18px 4px 0;text-align:right;border-bottom:1px solid var(--rule);vertical-align:top}",
    "th{font-weight:600}",
    "td.w,th.w{text-align:left}",
    "thead th:empty{border-bottom:0}",
    "th.over{text-align:left;padding-left:20px;border-bottom:0;padding-bottom:0}",
    ".points td,.points th{overflow-wrap:normal}",
    ".points td.w{min-width:32em}",
    "thead th{color:var(--soft);font-weight:500}",
    "tfoot td,tfoot th{border-bottom:0;color:var(--soft);font-weight:500}",
    "pre{background:var(--panel);padding:10px 12px;border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;",
    "margin:4px 0 8px;font:13px/1.45 ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace}",
    "code{font:.9em ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace}",
    ".settings{columns:3 280px;column-gap:32px;margin:4px 0}",
    ".settings div{display:flex;justify-content:space-between;gap:12px;border-bottom:1px solid var(--rule)}",
    ".settings div{break-inside:avoid}",
    ".settings dt{overflow-wrap:anywhere}",
    ".settings dd{margin:0;text-align:right;overflow-wrap:anywhere;color:var(--soft)}",
    ".behind{margin-top:32px}",
    "footer{margin-top:56px;font-size:.85rem;border-top:1px solid var(--rule);padding-top:12px}",
    "@media (max-width:560px){main{padding:20px 14px 48px}h1{font-size:1.5rem}h2{margin-top:40px}",
    "th,td{padding-right:12px}.wide{display:none}.narrow{display:block}}",
    "@media print{main{max-width:none;padding:0}.behind{display:none}figure,.facts{break-inside:avoid}",
    "details:not([open]){display:none}.wide{display:block}.narrow{display:none}}",
    NULL,
};

static const char *const of_drawing[] = {
    "text{font:12px \"Helvetica Neue\",Helvetica,Arial,\"DejaVu Sans\",sans-serif;fill:#5b6470}",
    ".label,.title,.value{fill:#1b1f24}",
    ".title{font-weight:bold}",
    ".head{font-size:15px}",
    ".value{font-size:11px}",
    ".grid{stroke:#dfe3e8}",
    ".axis{stroke:#5b6470}",
    ".mark{stroke:#fff}",
    ".spread.ink{stroke:#1b1f24}",
    NULL,
};
/* clang-format on */

static void write_rules(FILE *out, const char *const *rules)
{
    for (; *rules; rules++)
        fprintf(out, "%s\n", *rules);
}

static void write_colors(FILE *out, const char *const *colors)
{
    for (unsigned i = 0; i < 2 * VTD_FIGURE_SERIES; i++)
        fprintf(out, "--%c%u:%s;", i < VTD_FIGURE_SERIES ? 's' : 'q', i % VTD_FIGURE_SERIES, colors[i]);
}

void vtd_report_page_style(FILE *out)
{
    fputs(":root{color-scheme:light dark;--bg:#fff;--ink:#1b1f24;--soft:#5b6470;--rule:#dfe3e8;--panel:#f6f7f9;"
          "--warn:#fff4d6;--warn-ink:#6b4b00;\n",
          out);
    write_colors(out, light);
    fputs("}\n@media (prefers-color-scheme:dark){:root{--bg:#14171b;--ink:#e6e9ee;--soft:#9aa4b1;--rule:#2c323a;"
          "--panel:#1c2026;--warn:#3a2f10;--warn-ink:#f3d98b;\n",
          out);
    write_colors(out, dark);
    fputs("}}\n", out);
    for (unsigned i = 0; i < 2 * VTD_FIGURE_SERIES; i++) {
        const char kind = i < VTD_FIGURE_SERIES ? 's' : 'q';
        fprintf(out, ".%c%u{--c:var(--%c%u)}", kind, i % VTD_FIGURE_SERIES, kind, i % VTD_FIGURE_SERIES);
    }
    fputs("\n", out);
    write_rules(out, both);
    write_rules(out, of_page);
}

void vtd_report_drawing_style(FILE *out)
{
    write_rules(out, both);
    write_rules(out, of_drawing);
    for (unsigned i = 0; i < 2 * VTD_FIGURE_SERIES; i++) {
        const char kind = i < VTD_FIGURE_SERIES ? 's' : 'q';
        const unsigned n = i % VTD_FIGURE_SERIES;
        fprintf(out, ".line.%c%u,.spread.%c%u{stroke:%s}", kind, n, kind, n, light[i]);
        fprintf(out, ".mark.%c%u,.bar.%c%u{fill:%s}\n", kind, n, kind, n, light[i]);
    }
}
