// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/column_viewer.h"

namespace colonnade {

// Plain JavaScript, no library. The state is the layer shown, the column chosen, whether it stays chosen, and the view
// (pixels of the image per pixel of the screen, and the image's place in the middle). Everything is drawn on canvases,
// as thousands of columns would make a slow document.
const std::string_view viewer_script = R"js(
(function () {
'use strict';
const root = document.getElementById('column-viewer');
if (!root) return;
const data = JSON.parse(document.getElementById('column-viewer-data').textContent);
const $ = (name) => root.querySelector('.' + name);
const count = data.x.length, stage = $('stage'), panel = $('panel'), spoken = $('spoken'), bar = $('bar');
const picture = new Image();
let layer = 0, chosen = -1, kept = false, view = null, drag = null, moved = false;

// Layers: the image, then of each count its mean and its deviation, then numbers that have a map.
const layers = [{ name: 'Image', values: null }];
data.counts.forEach((c) => {
  layers.push({ name: c.name, values: c.mean, low: 0, high: c.high, map: 'viridis', unit: 'atoms' });
  layers.push({ name: c.name + ' ±', values: c.sd, low: 0, high: c.sdHigh, map: 'magma', unit: 'atoms' });
});
data.numbers.filter((n) => n.map).forEach((n) => {
  layers.push({ name: n.name, values: n.values, low: -n.high, high: n.high, map: 'difference', unit: n.unit });
});

const spacing = (function () {
  const near = [];
  for (let i = 0; i < count; i += Math.max(1, Math.floor(count / 200))) {
    let best = Infinity;
    for (let k = 0; k < count; ++k) {
      if (k !== i) best = Math.min(best, Math.hypot(data.x[k] - data.x[i], data.y[k] - data.y[i]));
    }
    if (isFinite(best)) near.push(best);
  }
  near.sort((a, b) => a - b);
  return near.length ? near[near.length >> 1] : 20;
})();

function colour(value, l) {
  const table = data.maps[l.map], part = (value - l.low) / (l.high - l.low || 1);
  return table[Math.max(0, Math.min(table.length - 1, Math.round(part * (table.length - 1))))];
}

// The box around the columns with a border; of many columns without the outermost ones, which may be false.
function particle() {
  if (!count) return { x: 0, y: 0, w: data.width, h: data.height };
  const [x0, x1] = extent(data.x), [y0, y1] = extent(data.y), border = 1.5 * spacing;
  return { x: x0 - border, y: y0 - border, w: x1 - x0 + 2 * border, h: y1 - y0 + 2 * border };
}
const extents = new Map();
function extent(list) {
  if (!extents.has(list)) {
    const sorted = Float64Array.from(list).sort(), out = count > 200 ? Math.ceil(0.005 * count) : 0;
    extents.set(list, [sorted[out], sorted[count - 1 - out]]);
  }
  return extents.get(list);
}
function fitted(box, width, height) {
  const scale = Math.min(width / box.w, height / box.h);
  return { scale: scale, x: box.x + box.w / 2, y: box.y + box.h / 2 };
}
const toScreen = (v, w, h, i) => [(data.x[i] + 0.5 - v.x) * v.scale + w / 2, (data.y[i] + 0.5 - v.y) * v.scale + h / 2];

function prepare(canvas) {
  const ratio = Math.min(3, window.devicePixelRatio || 1), w = canvas.clientWidth, h = canvas.clientHeight;
  if (canvas.width !== Math.round(w * ratio)) canvas.width = Math.round(w * ratio);
  if (canvas.height !== Math.round(h * ratio)) canvas.height = Math.round(h * ratio);
  const pen = canvas.getContext('2d');
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, w, h);
  return [pen, w, h, ratio];
}

function ring(pen, x, y, radius) {
  pen.lineWidth = 4; pen.strokeStyle = '#ffffff';
  pen.beginPath(); pen.arc(x, y, radius + 2, 0, 2 * Math.PI); pen.stroke();
  pen.lineWidth = 2; pen.strokeStyle = '#000000';
  pen.beginPath(); pen.arc(x, y, radius + 2, 0, 2 * Math.PI); pen.stroke();
}

function scaleBar(pen, v, h) {
  if (!data.nm) return;
  const target = 110 / v.scale * data.nm, power = Math.pow(10, Math.floor(Math.log10(target)));
  const nm = power * (target / power >= 5 ? 5 : target / power >= 2 ? 2 : 1), px = nm / data.nm * v.scale;
  const text = nm >= 1 ? nm + ' nm' : Math.round(nm * 100) / 10 + ' Å';
  pen.fillStyle = 'rgba(0,0,0,0.6)'; pen.fillRect(8, h - 38, Math.max(px, 40) + 16, 30);
  pen.fillStyle = '#fff'; pen.font = '12px sans-serif'; pen.textAlign = 'center';
  pen.fillText(text, 16 + Math.max(px, 40) / 2, h - 21);
  pen.fillRect(16 + (Math.max(px, 40) - px) / 2, h - 15, px, 3);
}

// All but the ring, drawn anew only where layer, view or size have changed: there may be tens of thousands of columns.
function base(canvas, l, v, small, w, h, ratio) {
  const ready = picture.complete && picture.naturalWidth > 0;
  const key = [layers.indexOf(l), v.scale, v.x, v.y, w, h, ratio, ready].join(' ');
  if (canvas.key === key) return canvas.base;
  const copy = document.createElement('canvas');
  copy.width = Math.round(w * ratio); copy.height = Math.round(h * ratio);
  const pen = copy.getContext('2d');
  pen.scale(ratio, ratio);
  if (!l.values && ready) {
    pen.fillStyle = '#000'; pen.fillRect(0, 0, w, h);
    pen.imageSmoothingEnabled = v.scale * data.width / picture.naturalWidth < 4;
    pen.drawImage(picture, w / 2 - v.x * v.scale, h / 2 - v.y * v.scale, data.width * v.scale, data.height * v.scale);
  }
  const radius = discRadius(l, v, small);
  for (let i = 0; i < count; ++i) {
    const [x, y] = toScreen(v, w, h, i);
    if (x < -radius || y < -radius || x > w + radius || y > h + radius) continue;
    if (l.values && l.values[i] === null) continue;
    if (l.values) pen.fillStyle = colour(l.values[i], l);
    if (l.values && radius < 2) { pen.fillRect(x - radius, y - radius, 2 * radius, 2 * radius); continue; }
    pen.beginPath(); pen.arc(x, y, radius, 0, 2 * Math.PI);
    if (l.values) { pen.fill(); pen.lineWidth = 0.6; pen.strokeStyle = 'rgba(128,128,128,0.7)'; }
    else { pen.lineWidth = 1.3; pen.strokeStyle = data.remark[i] < 0 ? '#ffb000' : '#ff5a45'; }
    pen.stroke();
  }
  if (!small) scaleBar(pen, v, h);
  canvas.key = key;
  canvas.base = copy;
  return copy;
}
const discRadius = (l, v, small) => Math.max(small ? 1 : 1.5, (l.values ? 0.42 : 0.33) * spacing * v.scale);

function draw(canvas, l, v, small) {
  const [pen, w, h, ratio] = prepare(canvas);
  if (!w || !h) return;
  v = v || fitted(particle(), w, h);
  pen.drawImage(base(canvas, l, v, small, w, h, ratio), 0, 0, w, h);
  if (chosen >= 0) { const [x, y] = toScreen(v, w, h, chosen); ring(pen, x, y, Math.max(small ? 3 : 5, discRadius(l, v, small))); }
}

// Events may come before the first drawing, and after what makes the view anew.
function current() {
  if (!view) view = fitted(particle(), stage.clientWidth, stage.clientHeight);
  return view;
}

function drawAll() {
  draw(stage, layers[layer], current(), false);
  root.querySelectorAll('.small canvas').forEach((c) => draw(c, layers[+c.dataset.layer], null, true));
}
let waiting = false;
function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; drawAll(); });
}

const show = (value, digits) => value === null || value === undefined ? '–' : value.toFixed(digits);
function cell(tag, text, row, name) {
  const c = document.createElement(tag);
  c.textContent = text;
  if (name) c.className = name;
  row.appendChild(c);
  return c;
}
// The 95 % interval as a line, the 68 % one as a bar, the mean as a stroke.
function whisker(c, i, most) {
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  line.setAttribute('viewBox', '0 0 100 12'); line.setAttribute('aria-hidden', 'true');
  const at = (value) => 100 * Math.max(0, Math.min(1, value / most));
  const part = (low, high, y, height) => {
    const r = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    r.setAttribute('x', at(low)); r.setAttribute('width', Math.max(1, at(high) - at(low)));
    r.setAttribute('y', y); r.setAttribute('height', height); r.setAttribute('fill', c.colour);
    line.appendChild(r);
    return r;
  };
  part(c.low95[i], c.high95[i], 5, 2);
  part(c.low68[i], c.high68[i], 2, 8).setAttribute('fill-opacity', '0.55');
  part(c.mean[i] - most / 200, c.mean[i] + most / 200, 0, 12);
  return line;
}

function fill(i) {
  panel.textContent = '';
  if (i < 0) { cell('p', 'Point at a column, touch it, or use the arrow keys on the map.', panel, 'hint'); return; }
  cell('h3', 'Column ' + (i + 1), panel);
  const place = data.nm ? 'x ' + show(data.x[i] * data.nm, 3) + ' nm, y ' + show(data.y[i] * data.nm, 3) + ' nm'
                        : 'x ' + show(data.x[i], 1) + ' px, y ' + show(data.y[i], 1) + ' px';
  cell('p', place, panel, 'place');
  if (data.remark[i] >= 0) cell('p', 'Left out of sums: ' + data.remarks[data.remark[i]] + '.', panel, 'flag');
  if (data.counts.length) {
    const table = document.createElement('table'), head = table.createTHead().insertRow(), body = table.createTBody();
    ['', 'atoms', '68 %', '95 %', ''].forEach((t) => { cell('th', t, head).scope = 'col'; });
    const most = Math.max(...data.counts.map((c) => c.high));
    data.counts.forEach((c) => {
      const row = body.insertRow(), name = cell('th', '', row);
      name.scope = 'row';
      const mark = cell('span', '', name, 'mark');
      mark.style.background = c.colour;
      name.appendChild(document.createTextNode(c.name));
      cell('td', show(c.mean[i], 1) + ' ± ' + show(c.sd[i], 1), row);
      cell('td', show(c.low68[i], 1) + ' – ' + show(c.high68[i], 1), row);
      cell('td', show(c.low95[i], 1) + ' – ' + show(c.high95[i], 1), row);
      cell('td', '', row, 'whisker').appendChild(whisker(c, i, most));
    });
    panel.appendChild(table);
  }
  data.numbers.forEach((n) => {
    if (n.values[i] !== null) cell('p', n.name + ': ' + (+n.values[i].toPrecision(4)) + (n.unit ? ' ' + n.unit : ''), panel, 'number-line');
  });
  if (kept) cell('p', 'Kept. Escape, or a click beside the columns, lets it go.', panel, 'hint');
}

function choose(i, aloud) {
  if (i === chosen && !aloud) return;
  chosen = i;
  fill(i);
  root.dataset.column = i < 0 ? '' : String(i + 1);
  if (aloud && i >= 0) {
    spoken.textContent = 'Column ' + (i + 1) + ': ' + data.counts.map((c) => c.name + ' ' + show(c.mean[i], 1) + ' plus or minus ' + show(c.sd[i], 1)).join(', ') +
      (data.remark[i] >= 0 ? '; left out of sums: ' + data.remarks[data.remark[i]] : '');
  }
  redraw();
}

function nearest(canvas, v, event) {
  const box = canvas.getBoundingClientRect(), w = canvas.clientWidth, h = canvas.clientHeight;
  const x = (event.clientX - box.left - w / 2) / v.scale + v.x - 0.5, y = (event.clientY - box.top - h / 2) / v.scale + v.y - 0.5;
  let best = -1, least = 0.75 * spacing;
  for (let i = 0; i < count; ++i) {
    const d = Math.hypot(data.x[i] - x, data.y[i] - y);
    if (d < least) { least = d; best = i; }
  }
  return best;
}

function listen(canvas, viewOf) {
  canvas.addEventListener('pointermove', (e) => {
    if (drag || kept || e.pointerType === 'touch') return;
    choose(nearest(canvas, viewOf(), e), false);
  });
  canvas.addEventListener('click', (e) => {
    if (moved) return;
    const i = nearest(canvas, viewOf(), e);
    kept = i >= 0 && !(kept && i === chosen);
    chosen = -2;
    choose(i, true);
  });
}

function step(dx, dy) {
  if (!count) return;
  if (chosen < 0) {
    const middle = current();
    let best = 0;
    for (let i = 1; i < count; ++i) {
      if (Math.hypot(data.x[i] - middle.x, data.y[i] - middle.y) < Math.hypot(data.x[best] - middle.x, data.y[best] - middle.y)) best = i;
    }
    return choose(best, true);
  }
  let best = -1, least = Infinity;
  for (let i = 0; i < count; ++i) {
    const x = data.x[i] - data.x[chosen], y = data.y[i] - data.y[chosen];
    const along = x * dx + y * dy, across = Math.abs(x * dy - y * dx);
    if (along <= 0 || across > 1.2 * along) continue;
    const cost = along + 1.5 * across;
    if (cost < least) { least = cost; best = i; }
  }
  if (best >= 0) { choose(best, true); keepInView(); }
}
function keepInView() {
  const [x, y] = toScreen(current(), stage.clientWidth, stage.clientHeight, chosen);
  if (x < 10 || y < 10 || x > stage.clientWidth - 10 || y > stage.clientHeight - 10) { view.x = data.x[chosen]; view.y = data.y[chosen]; }
}
function zoom(factor) {
  const least = 0.5 * Math.min(stage.clientWidth / data.width, stage.clientHeight / data.height);
  current().scale = Math.max(least, Math.min(200, current().scale * factor));
  redraw();
}

stage.addEventListener('keydown', (e) => {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (steps[e.key]) { kept = true; step(...steps[e.key]); }
  else if (e.key === 'Escape') { kept = false; choose(-1, false); }
  else if (e.key === '+' || e.key === '=') zoom(1.4);
  else if (e.key === '-') zoom(1 / 1.4);
  else return;
  e.preventDefault();
});
stage.addEventListener('focus', () => { if (chosen < 0 && stage.matches(':focus-visible')) step(0, 0); });
stage.addEventListener('pointerdown', (e) => { drag = { x: e.clientX, y: e.clientY }; moved = false; });
window.addEventListener('pointermove', (e) => {
  if (!drag) return;
  const dx = e.clientX - drag.x, dy = e.clientY - drag.y;
  if (!moved && Math.hypot(dx, dy) < 5) return;
  moved = true;
  const now = current();
  now.x -= dx / now.scale; now.y -= dy / now.scale;
  drag = { x: e.clientX, y: e.clientY };
  redraw();
});
['pointerup', 'pointercancel'].forEach((name) => window.addEventListener(name, () => { drag = null; }));

function selectLayer(n) {
  layer = n;
  const l = layers[n];
  root.querySelectorAll('.switch input').forEach((input) => { input.checked = +input.value === n; });
  root.querySelectorAll('.small button').forEach((b) => b.setAttribute('aria-pressed', String(+b.querySelector('canvas').dataset.layer === n)));
  bar.hidden = !l.values;
  if (l.values) {
    bar.querySelector('.ramp').style.background = 'linear-gradient(to right,' + data.maps[l.map].join(',') + ')';
    const digits = l.high - l.low < 4 ? 1 : 0;
    bar.querySelector('.low').textContent = show(l.low, digits);
    bar.querySelector('.middle').textContent = show((l.low + l.high) / 2, l.high < 20 ? 1 : 0) + ' ' + l.unit;
    bar.querySelector('.high').textContent = show(l.high, digits);
  }
  stage.setAttribute('aria-label', (n ? 'Map of ' + l.name : 'The image') + ' with ' + count + ' columns; arrow keys go from column to column');
  redraw();
}

function build() {
  const choices = $('switch'), small = $('small');
  layers.forEach((l, n) => {
    const label = document.createElement('label'), input = document.createElement('input');
    input.type = 'radio'; input.name = 'column-layer'; input.value = String(n);
    input.addEventListener('change', () => selectLayer(n));
    label.append(input, document.createTextNode(l.name));
    choices.appendChild(label);
    if (!l.values) return;
    const button = document.createElement('button'), canvas = document.createElement('canvas');
    button.type = 'button';
    button.setAttribute('aria-label', 'Show ' + l.name);
    canvas.dataset.layer = String(n);
    button.append(canvas, document.createTextNode(l.name));
    button.addEventListener('click', () => selectLayer(n));
    canvas.addEventListener('pointermove', (e) => {
      if (!kept) choose(nearest(canvas, fitted(particle(), canvas.clientWidth, canvas.clientHeight), e), false);
    });
    small.appendChild(button);
  });
  $('whole').addEventListener('click', () => {
    view = fitted({ x: 0, y: 0, w: data.width, h: data.height }, stage.clientWidth, stage.clientHeight); redraw();
  });
  $('fit').addEventListener('click', () => { view = null; redraw(); });
  $('in').addEventListener('click', () => zoom(1.4));
  $('out').addEventListener('click', () => zoom(1 / 1.4));
}

root.hidden = false;
document.querySelectorAll('details.without-script').forEach((d) => { d.open = false; });
build();
listen(stage, current);
picture.onload = redraw;
picture.src = data.image;
fill(-1);
selectLayer(0);
window.addEventListener('resize', () => { view = null; redraw(); });
root.dataset.ready = 'yes';
})();
)js";

}  // namespace colonnade
