/* SPDX-License-Identifier: MIT */
/*
 * The style of the page: light, dark and printed, wide and narrow. The colours of series can be told apart with the common
 * kinds of colour blindness (after Okabe and Ito); those of ordered series run from light to dark.
 */
#include "report.h"

const char *const vtd_report_style[] = {
    ":root{color-scheme:light "
    "dark;--bg:#fff;--ink:#1b1f24;--soft:#5b6470;--rule:#dfe3e8;--panel:#f6f7f9;--warn:#fff4d6;"
    "--warn-ink:#6b4b00;--s0:#0b6cb3;--s1:#d1570a;--s2:#00875f;--s3:#b4508d;--s4:#b07d00;--s5:#4aa3d8;--s6:#6a4fb3;"
    "--s7:#6b6f76;--q0:#7cc4a4;--q1:#4fb19d;--q2:#2f9a98;--q3:#228193;--q4:#28698a;--q5:#34507d;--q6:#3c366a;--q7:#"
    "3a1b50}",
    "@media (prefers-color-scheme:dark){:root{--bg:#14171b;--ink:#e6e9ee;--soft:#9aa4b1;--rule:#2c323a;--panel:#1c2026;"
    "--warn:#3a2f10;--warn-ink:#f3d98b;--s0:#58aef0;--s1:#ff8f4d;--s2:#35cf9d;--s3:#ea94c6;--s4:#f0c04c;--s5:#a5dcff;"
    "--s6:#b39df5;--s7:#b3b8c0;--q0:#5a5aa8;--q1:#4f78b8;--q2:#4596b8;--q3:#41b2ad;--q4:#57cb97;--q5:#8fdc7a;--q6:#"
    "cde55f;"
    "--q7:#fdf06f}}",
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}",
    "body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,"
    "\"DejaVu Sans\",sans-serif}",
    "main{max-width:1080px;margin:0 auto;padding:32px 20px 64px}",
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 8px;letter-spacing:-.01em}",
    "h2{font-size:1.3rem;margin:56px 0 8px;padding-top:20px;border-top:2px solid var(--ink)}",
    "h3{font-size:1.05rem;line-height:1.35;margin:0 0 2px}h4{font-size:.9rem;margin:16px 0 4px}",
    "h1,h2,h3,h4,td,th,li,p{overflow-wrap:anywhere}",
    "p{margin:6px 0}.lead,.note,footer{color:var(--soft)}.note{font-size:.9rem}",
    ".warn{background:var(--warn);color:var(--warn-ink);padding:10px 14px;border-radius:6px;margin:12px 0}",
    ".facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:14px 24px;margin:18px 0 8px}",
    ".facts div{min-width:0}.facts dt{color:var(--soft);font-size:.8rem}.facts dd{margin:0;overflow-wrap:anywhere}",
    "figure{margin:36px 0 0;padding:0}figcaption{margin:0 0 8px}",
    ".panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:20px 24px}",
    ".panels h4{margin:8px 0 0;font-weight:600}",
    "svg{display:block;width:100%;height:auto;overflow:visible}.narrow{display:none}",
    ".legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:8px 0;padding:0;font-size:.9rem}",
    ".legend li{display:flex;align-items:center;gap:6px;min-width:0}.legend svg{width:26px;flex:none}",
    ".legend .name{color:var(--soft)}",
    "svg text{font:12px system-ui,-apple-system,\"Segoe UI\",Roboto,\"DejaVu Sans\",sans-serif;fill:var(--soft)}",
    "svg .label{fill:var(--ink);font-weight:500}svg .ty,svg .end{text-anchor:end}svg .tx,svg "
    ".value{text-anchor:middle}",
    "svg .value{fill:var(--ink);font-size:11px}",
    ".grid{stroke:var(--rule);fill:none}.axis{stroke:var(--soft);fill:none}",
    ".line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}",
    ".mark{fill:var(--c);stroke:var(--bg);stroke-width:1.2}.bar{fill:var(--c)}",
    ".mark:hover,.bar:hover{stroke:var(--ink);stroke-width:2}",
    ".spread{fill:none;stroke:var(--c);stroke-width:1.3}.ink{--c:var(--ink)}",
    ".line.s1{stroke-dasharray:9 4}.line.s2{stroke-dasharray:3 3}.line.s3{stroke-dasharray:12 3 3 "
    "3}.line.s4{stroke-dasharray:6 2}"
    ".line.s5{stroke-dasharray:2 5}.line.s6{stroke-dasharray:14 5}.line.s7{stroke-dasharray:8 3 2 3 2 3}",
    ".s0{--c:var(--s0)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}"
    ".s6{--c:var(--s6)}.s7{--c:var(--s7)}",
    ".q0{--c:var(--q0)}.q1{--c:var(--q1)}.q2{--c:var(--q2)}.q3{--c:var(--q3)}.q4{--c:var(--q4)}.q5{--c:var(--q5)}"
    ".q6{--c:var(--q6)}.q7{--c:var(--q7)}",
    "details{border-top:1px solid var(--rule);font-size:.9rem}details[open]{padding-bottom:10px}",
    "figure details:first-of-type{margin-top:12px}summary{cursor:pointer;padding:8px 0;color:var(--soft)}",
    "summary:hover{color:var(--ink)}.scroll{overflow-x:auto}",
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:4px 0 10px}",
    "th,td{padding:4px 18px 4px 0;text-align:right;border-bottom:1px solid var(--rule);vertical-align:top}",
    "th{font-weight:600}td.w,th.w{text-align:left}td.w{min-width:6em}thead th{color:var(--soft);font-weight:500}",
    "tfoot td,tfoot th{border-bottom:0;color:var(--soft);font-weight:500}",
    "pre{background:var(--panel);padding:10px 12px;border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;"
    "font:13px/1.45 ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace;margin:4px 0 8px}",
    "code{font:.9em ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,monospace}",
    ".settings{columns:3 280px;column-gap:32px;margin:4px 0}.settings div{display:flex;justify-content:space-between;"
    "gap:12px;border-bottom:1px solid var(--rule);break-inside:avoid}",
    ".settings dt{overflow-wrap:anywhere}.settings "
    "dd{margin:0;text-align:right;overflow-wrap:anywhere;color:var(--soft)}",
    ".behind{margin-top:32px}footer{margin-top:56px;font-size:.85rem;border-top:1px solid "
    "var(--rule);padding-top:12px}",
    "@media (max-width:560px){main{padding:20px 14px 48px}h1{font-size:1.5rem}.wide{display:none}.narrow{display:block}"
    "h2{margin-top:40px}th,td{padding-right:12px}}",
    "@media print{:root{color-scheme:light}main{max-width:none;padding:0}figure,.facts{break-inside:avoid}"
    "details:not([open]){display:none}.wide{display:block}.narrow{display:none}}",
    NULL,
};
