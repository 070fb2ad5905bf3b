#include "report/page_style.hpp"

namespace mq {

const std::string_view page_style = R"css(
:root{color-scheme:light dark;--page:#fbfbfa;--card:#fff;--edge:#dedcd6;--ink:#1d1c1a;--soft:#65625b;--grid:#e9e7e2;
--c0:#0a5aa0;--c1:#b8500c;--c2:#13744a;--c3:#7a3a9a;--bad:#a81d1d;--good:#13744a}
@media(prefers-color-scheme:dark){:root{--page:#161718;--card:#1e2022;--edge:#36393d;--ink:#ecebe8;--soft:#a5a39d;
--grid:#2e3135;--c0:#6fb4f0;--c1:#f0a060;--c2:#6fcf9c;--c3:#cfa3ea;--bad:#ff8f85;--good:#6fcf9c}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif}
main{max-width:1180px;margin:0 auto;padding:28px 24px 48px}
h1{font-size:26px;line-height:1.2;margin:0 0 6px;font-weight:650;overflow-wrap:anywhere}
h1 small{font-size:18px;font-weight:400;color:var(--soft)}
h2{font-size:16px;margin:34px 0 10px;font-weight:650}
header p{margin:2px 0;color:var(--soft);overflow-wrap:anywhere}
.limit{margin:18px 0 0;padding:10px 14px;border:1px solid var(--edge);border-left:5px solid var(--c0);border-radius:6px;
background:var(--card)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(158px,1fr));gap:12px;margin:18px 0 0;padding:0}
.tiles div{background:var(--card);border:1px solid var(--edge);border-radius:8px;padding:10px 14px 11px}
.tiles dt{font-size:12.5px;color:var(--soft);margin:0}
.tiles dd{margin:2px 0 0;font-size:23px;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
.tiles dd small{display:block;font-size:12.5px;font-weight:400;color:var(--soft);letter-spacing:0}
.tiles .fault{border-left:5px solid var(--bad)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(460px,1fr));gap:14px;margin-top:26px}
@media(max-width:540px){.charts{grid-template-columns:1fr}}
.chart{position:relative;margin:0;background:var(--card);border:1px solid var(--edge);border-radius:8px;
padding:12px 12px 6px}
figcaption{font-size:14px;margin:0 4px 6px}
figcaption span{color:var(--soft);font-size:12.5px;margin-left:6px}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font-size:12px;fill:var(--soft);font-variant-numeric:tabular-nums}
.end{text-anchor:end}.middle{text-anchor:middle}
.grid{stroke:var(--grid);stroke-width:1}
.axis{stroke:var(--soft);stroke-width:1}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.dash1{stroke-dasharray:7 5}.dash2{stroke-dasharray:1 5;stroke-width:2.6}.dash3{stroke-dasharray:10 4 1 4}
.line.c0{stroke:var(--c0)}.line.c1{stroke:var(--c1)}.line.c2{stroke:var(--c2)}.line.c3{stroke:var(--c3)}
svg .name{font-weight:600;font-size:12px}
.name.c0{fill:var(--c0)}.name.c1{fill:var(--c1)}.name.c2{fill:var(--c2)}.name.c3{fill:var(--c3)}
.area{opacity:.22}.area.c0{fill:var(--c0)}
.cursor{stroke:var(--soft);stroke-width:1;visibility:hidden}
.tip{position:absolute;display:none;pointer-events:none;background:var(--card);border:1px solid var(--edge);
border-radius:6px;padding:5px 9px;font-size:12.5px;white-space:pre;box-shadow:0 2px 8px #0003;
font-variant-numeric:tabular-nums;z-index:1}
.wide{overflow-x:auto;width:fit-content;max-width:100%;min-width:min(340px,100%);background:var(--card);border:1px solid var(--edge);border-radius:8px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:6px 14px;border-top:1px solid var(--grid);white-space:nowrap}
thead th{border-top:0;color:var(--soft);font-size:12.5px;font-weight:500}
th:first-child,td:first-child{text-align:left;font-weight:500}
td.text{white-space:normal;max-width:860px;text-align:left;overflow-wrap:anywhere;font-weight:400}
tr.second th,tr.second td{border-top:0}
tr.second th{color:var(--soft);font-weight:400;padding-left:28px}
.worse,.fault td.mark{color:var(--bad);font-weight:650}.better{color:var(--good);font-weight:650}
.faint{color:var(--soft)}
footer{margin-top:34px;color:var(--soft);font-size:12.5px}
@media print{:root{--page:#fff;--card:#fff;--edge:#999;--ink:#000;--soft:#333;--grid:#ddd;--c0:#000;--c1:#000;
--c2:#000;--c3:#000;--bad:#000;--good:#000}
body{font-size:11px}main{max-width:none;padding:0}.chart,.tiles div,tr{break-inside:avoid}
.charts{grid-template-columns:1fr 1fr;gap:8px}.tip{display:none!important}}
)css";

const std::string_view page_script = R"js(
for (const figure of document.querySelectorAll("figure.chart")) {
  const svg = figure.querySelector("svg"), tip = figure.querySelector(".tip"), cursor = figure.querySelector(".cursor");
  const lines = JSON.parse(figure.querySelector("script").textContent).lines;
  const hide = () => { tip.style.display = "none"; cursor.style.visibility = "hidden"; };
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect(), at = (event.clientX - box.left) * 640 / box.width;
    let head = null, rows = [];
    for (const line of lines) {
      let best = -1;
      line.at.forEach((x, i) => { if (best < 0 || Math.abs(x - at) < Math.abs(line.at[best] - at)) best = i; });
      if (best < 0 || Math.abs(line.at[best] - at) > 12) continue;
      if (head === null) head = { text: line.x[best], at: line.at[best] };
      rows.push(line.name + "  " + line.y[best]);
    }
    if (head === null) return hide();
    cursor.setAttribute("x1", head.at); cursor.setAttribute("x2", head.at); cursor.style.visibility = "visible";
    tip.textContent = [head.text, ...rows].join("\n");
    tip.style.display = "block";
    const outer = figure.getBoundingClientRect(), x = box.left - outer.left + head.at * box.width / 640;
    tip.style.left = Math.min(x + 12, outer.width - tip.offsetWidth - 6) + "px";
    tip.style.top = Math.max(event.clientY - outer.top - tip.offsetHeight - 12, 4) + "px";
  });
}
)js";

}  // namespace mq
