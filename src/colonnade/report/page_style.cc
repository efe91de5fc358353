// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/page_style.h"

namespace colonnade {

// Paper is light: the dark colours are for screens alone. The classes within svg are those of svg.h.
const std::string_view page_style = R"css(
:root{color-scheme:light;--page:#f5f6f8;--card:#fff;--ink:#1c2126;--muted:#5b6570;--line:#dfe3e8;--axis:#6b7580;
--rule:#e3e6ea;--accent:#1d5fb8;--note:#edf3fb;--warn:#fdf3dd;--warn-line:#d08a00;--warn-ink:#8a4b00}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;--page:#111417;--card:#1a1e22;--ink:#e6e9ec;
--muted:#a2abb4;--line:#30363d;--axis:#8a939c;--rule:#2a3036;--accent:#83b4f2;--note:#18263a;--warn:#2f2611;--warn-line:#e0a92e;--warn-ink:#f0bd55}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
-webkit-text-size-adjust:100%}
main{max-width:63.5rem;margin:0 auto;padding:2.5rem 1.25rem 3rem}
header{margin-bottom:1.75rem}
h1,h2,h3{line-height:1.25;margin:2.25rem 0 .6rem;letter-spacing:-.01em;break-after:avoid}
h1{font-size:1.9rem;margin:0}
h2{font-size:1.3rem}
h3{font-size:1.05rem;margin-top:1.5rem}
p,ul{max-width:46rem;margin:.6rem 0}
ul{padding-left:1.25rem}
a{color:var(--accent)}
.subtitle{color:var(--muted);font-size:1.05rem;margin:.35rem 0 0}
.notice,.warning{max-width:none;background:var(--note);border-left:4px solid var(--accent);border-radius:4px;padding:.7rem 1rem;
margin:1rem 0;break-inside:avoid}
.warning{background:var(--warn);border-color:var(--warn-line)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:1.25rem 0}
.cards div,.grid>div,.scroll,details,pre{background:var(--card);border:1px solid var(--line);border-radius:8px}
.cards div{padding:.7rem .9rem;break-inside:avoid}
.cards dt,.cards .note{color:var(--muted);font-size:.85rem;line-height:1.35}
.cards dd{margin:0}
.cards .value{font-size:1.55rem;font-weight:600;line-height:1.35;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
figure{margin:1.25rem 0}
.grid{display:flex;flex-wrap:wrap;gap:.75rem}
.grid>div{max-width:100%;overflow:hidden;break-inside:avoid}
.grid svg{display:block;max-width:100%;height:auto;font-family:inherit}
figcaption,caption{color:var(--muted);font-size:.9rem;text-align:left;max-width:46rem}
figcaption{margin-top:.6rem}
caption{padding:.65rem .9rem .35rem}
.scroll{overflow-x:auto;margin:1.25rem 0;max-width:100%;width:fit-content}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{padding:.38rem .9rem;text-align:left;vertical-align:top;border-top:1px solid var(--line)}
th{font-weight:600;vertical-align:bottom}
thead th{border-top:0;border-bottom:1px solid var(--axis)}
tbody tr:first-child>*{border-top:0}
tbody th{font-weight:500}
.number{text-align:right;white-space:nowrap}
tr{break-inside:avoid}
thead{display:table-header-group}
details{margin:1.25rem 0;padding:0 1rem}
summary{cursor:pointer;padding:.6rem 0;font-weight:500}
details[open]>summary{border-bottom:1px solid var(--line)}
details .scroll,details pre{border:0;padding:0;margin:.5rem 0;background:none}
pre{overflow-x:auto;padding:.8rem 1rem;font:.85rem/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;tab-size:4}
footer{color:var(--muted);font-size:.85rem;border-top:1px solid var(--line);margin-top:3rem;padding-top:.9rem;overflow-wrap:anywhere}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
svg .paper{fill:none}svg .ink{fill:var(--ink)}svg .muted{fill:var(--muted)}svg .axis{stroke:var(--axis)}
svg .rule{stroke:var(--rule)}svg .pen{stroke:var(--ink)}svg .halo{stroke:var(--card)}
.viewer{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.75rem;margin:1.25rem 0}
.viewer[hidden]{display:none}
.viewer fieldset{border:0;margin:0 0 .6rem;padding:0;display:flex;flex-wrap:wrap;gap:.15rem .9rem;font-size:.92rem}
.viewer legend{float:left;padding:0;margin-right:.8rem;color:var(--muted)}
.viewer label{display:inline-flex;align-items:center;gap:.3rem;cursor:pointer;min-height:1.9rem}
.viewer-body{display:grid;grid-template-columns:minmax(0,1fr) 23.5rem;gap:1rem}
.stage{width:100%;height:31rem;display:block;touch-action:pan-y;cursor:crosshair;border:1px solid var(--line);border-radius:4px}
.tools{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem;margin-top:.5rem}
.viewer button{font:inherit;font-size:.85rem;color:var(--ink);background:var(--page);border:1px solid var(--line);border-radius:6px;
padding:.3rem .6rem;cursor:pointer;min-height:2rem}
.viewer button[aria-pressed=true]{border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
.bar{flex:1 1 12rem;display:grid;grid-template-columns:1fr 1fr 1fr;font-size:.8rem;color:var(--muted);margin-left:.6rem}
.bar[hidden]{display:none}
.bar .ramp{grid-column:1/4;height:.7rem;border:1px solid var(--axis);print-color-adjust:exact;-webkit-print-color-adjust:exact}
.bar .middle{text-align:center}.bar .high{text-align:right}
.panel{min-height:14rem;overflow-x:auto}
.panel h3{margin:0 0 .2rem}.panel p{margin:.25rem 0;font-size:.9rem}.panel .place,.panel .hint{color:var(--muted)}
.panel .flag{color:var(--warn-ink);font-weight:600}
.panel table{margin:.5rem 0;font-size:.82rem;width:100%}.panel th,.panel td{padding:.25rem .22rem;white-space:nowrap}
.panel th:first-child{padding-left:0}.panel .whisker{width:3.4rem}.panel .whisker svg{width:3.2rem;height:.8rem;display:block}
.mark{display:inline-block;width:.7rem;height:.7rem;border-radius:50%;margin-right:.35rem;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);margin:0}
.small{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:.5rem;margin-top:.75rem}
.small button{display:block;padding:.3rem;text-align:center}.small canvas{width:100%;aspect-ratio:1;display:block;pointer-events:auto}
@media (max-width:52rem){.viewer-body{grid-template-columns:minmax(0,1fr)}.stage{height:min(31rem,92vw)}.panel{min-height:0}}
@media print{:root{--page:#fff}body{font-size:10pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{max-width:none;padding:0}.scroll{overflow:visible}.tools button,.viewer fieldset{display:none}.viewer{break-inside:avoid}pre{white-space:pre-wrap}a{color:inherit}@page{margin:18mm}}
)css";

}  // namespace colonnade
