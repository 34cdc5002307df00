// The page of the supervision tree. Everything shown is set as text: crash messages come from outside and are never markup.

// ---- Words and formats ------------------------------------------------------------------------------------------------

const STRATEGIES = { oneForOne: 'one_for_one', restForOne: 'rest_for_one', oneForAll: 'one_for_all' };
const STATUSES = {
  Idle: ['calm', 'Idle'], Starting: ['busy', 'Starting'], Up: ['good', 'Up'], Restarting: ['busy', 'Restarting'],
  BackingOff: ['warn', 'Backing off'], Resetting: ['busy', 'Resetting'], Fallback: ['warn', 'Fallback'],
  Hung: ['bad', 'Hung'], Quarantined: ['bad', 'Quarantined'], Stopped: ['calm', 'Stopped'],
};
const CLASSES = {
  StateCorruption: 'state corruption', ExternalDependency: 'external dependency',
  ResourceExhaustion: 'resource exhaustion', LogicError: 'logic error',
};
const ORIGINS = { BuiltIn: 'built in', Registered: 'registered', Learned: 'learned', Person: 'from a person' };
const NOT_KNOWN = 'Not known yet.';
const STALE_AFTER = 10_000;
const LONGEST_WAIT = 30_000;
const MOST_ROWS = 1000;
const BIG_FAMILY = 20;

const toneOf = (status) => STATUSES[status]?.[0] ?? 'calm';
const wordOf = (status) => STATUSES[status]?.[1] ?? status;
const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
const percent = (rate) => (rate == null ? '–' : `${(rate * 100).toFixed(rate > 0 && rate < 0.1 ? 1 : 0)} %`);

function seconds(value) {
  if (value == null) return '–';
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 60) return `${value.toFixed(value < 10 ? 1 : 0)} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  if (value < 86_400) return `${Math.floor(value / 3600)} h ${Math.round((value % 3600) / 60)} min`;
  return plural(Math.floor(value / 86_400), 'day');
}

function bytes(value) {
  if (value == null) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

function ago(time) {
  const passed = (Date.now() + clockOffset - Date.parse(time)) / 1000;
  if (passed < 60) return 'just now';
  if (passed < 3600) return `${Math.floor(passed / 60)} min ago`;
  if (passed < 86_400) return `${Math.floor(passed / 3600)} h ago`;
  return `${plural(Math.floor(passed / 86_400), 'day')} ago`;
}

// A tree in which a child is refused because it failed is not called healthy, whatever share of the tree it is.
function healthWord({ healthScore, nodes }) {
  if (healthScore < 70) return ['bad', 'Ill'];
  const refusing = nodes.some((node) => STATUSES[node.status]?.[0] === 'bad');
  return healthScore < 90 || refusing ? ['warn', 'Strained'] : ['good', 'Healthy'];
}

// ---- Elements ---------------------------------------------------------------------------------------------------------

const $ = (id) => document.getElementById(id);

function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

function icon(name, extra = '') {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', `icon ${extra}`);
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (value == null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

const statusPill = (status, verifying) =>
  el('span', { class: 'pill status', 'data-tone': toneOf(status) }, icon(status), wordOf(status) + (verifying ? ', verifying' : ''));

const notKnown = () => el('p', { class: 'empty' }, NOT_KNOWN);

const meta = (...parts) => el('p', { class: 'meta' }, ...parts.filter(Boolean).map((part) => el('span', {}, part)));

function pathLink(path) {
  const link = el('button', { type: 'button', class: 'link', 'data-focus': path }, path);
  link.addEventListener('click', () => reveal(path));
  return link;
}

// Draws a panel again only when something changed, so that marked text stays marked; the focused link keeps the focus.
function redraw(panel, ...content) {
  const next = el('div', {}, ...content);
  if (panel.querySelector('details')?.open) next.querySelector('details')?.setAttribute('open', '');
  const same = panel.childNodes.length === next.childNodes.length && [...panel.childNodes].every((child, index) => child.isEqualNode(next.childNodes[index]));
  if (same) return;
  const focused = panel.contains(document.activeElement) ? document.activeElement.getAttribute('data-focus') : null;
  panel.replaceChildren(...next.childNodes);
  if (focused) [...panel.querySelectorAll('[data-focus]')].find((link) => link.getAttribute('data-focus') === focused)?.focus();
}

// ---- Feeds: one call each, asked again and again ------------------------------------------------------------------------

let clockOffset = 0;
let signedOut = null;
const feeds = [];

class Feed {
  constructor(path, every, show) {
    Object.assign(this, { path, every, show, failures: 0, problem: null, nextAt: 0, receivedAt: null, ageThen: 0, timer: 0, busy: false });
    feeds.push(this);
  }

  age() {
    return this.receivedAt == null ? null : this.ageThen + performance.now() - this.receivedAt;
  }

  async ask() {
    clearTimeout(this.timer);
    if (this.busy || signedOut || document.hidden) return;
    this.busy = true;
    let wait = this.every;
    try {
      const data = await this.fetch();
      this.failures = 0;
      this.problem = null;
      this.show(data);
    } catch (failure) {
      this.failures++;
      this.problem = failure.message;
      wait = Math.max(Math.min(LONGEST_WAIT, this.every * 2 ** this.failures), failure.retryAfter ?? 0);
    } finally {
      this.busy = false;
    }
    this.nextAt = performance.now() + wait;
    this.timer = setTimeout(() => this.ask(), wait);
    showConnection();
  }

  async fetch() {
    const path = typeof this.path === 'function' ? this.path() : this.path;
    let response;
    try {
      response = await fetch(`api/${path}`, { redirect: 'manual', headers: { accept: 'application/json' }, signal: AbortSignal.timeout(8000) });
    } catch (failure) {
      throw new Error(failure.name === 'TimeoutError' ? 'The server did not answer within 8 s.' : 'The server cannot be reached.');
    }
    if (response.status === 401 || response.type === 'opaqueredirect') {
      signedOut = 'You are signed out. Sign in again to see the tree.';
      throw new Error(signedOut);
    }
    if (response.status === 403) {
      signedOut = 'You are signed in, but you may not see the supervision tree.';
      throw new Error(signedOut);
    }
    if (!response.ok) {
      const problem = await response.json().catch(() => null);
      throw Object.assign(new Error(problem?.detail ?? `The server answered with status ${response.status}.`), { retryAfter: 1000 * Number(response.headers.get('retry-after') ?? 0) });
    }
    const data = await response.json().catch(() => { throw new Error('The server answered with something that is not JSON.'); });
    const serverNow = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(serverNow)) clockOffset = serverNow - Date.now();
    this.receivedAt = performance.now();
    this.ageThen = data.at && !Number.isNaN(serverNow) ? Math.max(0, serverNow - Date.parse(data.at)) : 0;
    return data;
  }
}

function askAll() {
  for (const feed of feeds) feed.ask();
}

function showConnection() {
  const age = treeFeed.age();
  const stale = age != null && age > STALE_AFTER;
  const old = age == null ? '' : `, ${age < 120_000 ? `${Math.floor(age / 1000)} s` : seconds(age / 1000)} old`;
  let state = ['busy', 'Loading'];
  if (signedOut) state = ['bad', 'Not signed in'];
  else if (stale) state = ['warn', `Stale${old}`];
  else if (treeFeed.failures > 0) state = ['warn', `Not reachable${old}`];
  else if (age != null) state = ['good', `Live${old}`];
  setAttribute($('connection'), 'data-tone', state[0]);
  setText($('connection-text'), state[1]);

  let text = null;
  if (signedOut) text = signedOut;
  else if (treeFeed.failures > 0) text = `${treeFeed.problem} ${age == null ? '' : 'What you see is the last picture. '}`;
  else if (stale) text = 'The picture of the tree is more than 10 s old, although the server answers.';
  else if (missing.length > 0) text = `The picture is not whole. ${missing.join(' ')}`;
  $('notice').hidden = text == null;
  if (text != null) setText($('notice-text'), text.trim());
  const wait = Math.max(0, Math.ceil((treeFeed.nextAt - performance.now()) / 1000));
  setText($('notice-retry'), signedOut ? 'Reload the page' : treeFeed.failures > 0 && wait > 0 ? `Try now (next try in ${wait} s)` : 'Try now');
  $('notice-retry').hidden = !signedOut && treeFeed.failures === 0;
  document.body.classList.toggle('stale', stale);

  if (treeFeed.failures > 0 && treeFeed.receivedAt == null) {
    setText($('tree-empty'), NOT_KNOWN);
    redraw($('detail'), notKnown());
    redraw($('hotspots'), notKnown());
  }
  for (const [name, feed] of [['lessons', lessonsFeed], ['escalations', escalationsFeed], ['breakers', breakersFeed], ['letters', lettersFeed]]) {
    $(`${name}-problem`).hidden = feed.failures === 0 || signedOut != null;
    setText($(`${name}-problem`), feed.problem ?? '');
    if (feed.failures > 0 && feed.receivedAt == null) redraw($(name), notKnown());
  }
}

// ---- Tree: the model ----------------------------------------------------------------------------------------------------

let tree = null;
let missing = [];
let items = new Map();
let roots = [];
const collapsed = new Set();
const known = new Set();
const view = { filter: '', onlyIll: false, selected: null, active: null };

const above = (path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : null);

function buildItems(nodes) {
  items = new Map(nodes.map((node) => [node.path, { node, children: [], parent: null }]));
  roots = [];
  for (const item of items.values()) {
    item.parent = items.get(above(item.node.path)) ?? null;
    (item.parent?.children ?? roots).push(item);
  }
  for (const item of items.values()) {
    if (known.has(item.node.path)) continue;
    known.add(item.node.path);
    if (item.node.kind === 'family' && item.children.length > BIG_FAMILY) collapsed.add(item.node.path);
  }
}

const filtering = () => view.filter !== '' || view.onlyIll;

// The nodes that match, with those above them; null when nothing is filtered.
function shownPaths() {
  if (!filtering()) return null;
  const wanted = view.filter.toLowerCase();
  const shown = new Set();
  for (const { node } of items.values()) {
    if (view.onlyIll && !node.needsAttention) continue;
    if (!node.path.toLowerCase().includes(wanted) && !node.name.toLowerCase().includes(wanted)) continue;
    for (let path = node.path; path != null && !shown.has(path); path = above(path)) shown.add(path);
  }
  return shown;
}

// A filter opens what leads to its matches; without one, what the person has closed stays closed.
const isOpen = (item) => filtering() || !collapsed.has(item.node.path);

function visibleRows() {
  const shown = shownPaths();
  const rows = [];
  const walk = (siblings, level) => {
    const here = siblings.filter((item) => shown == null || shown.has(item.node.path));
    here.forEach((item, index) => {
      const children = item.children.filter((child) => shown == null || shown.has(child.node.path));
      rows.push({ item, level, position: index + 1, of: here.length, parent: children.length > 0 });
      if (children.length > 0 && isOpen(item)) walk(item.children, level + 1);
    });
  };
  walk(roots, 1);
  return rows;
}

// ---- Tree: the rows -----------------------------------------------------------------------------------------------------

const rowElements = new Map();
let rows = [];

function newRow(path) {
  const metric = (label) => el('span', { class: 'metric' }, el('span', { class: 'metric-label' }, `${label} `), el('span'));
  const row = el('div', { role: 'treeitem', class: 'row', tabindex: '-1', 'data-path': path },
    el('span', { class: 'label' }, el('span', { class: 'twisty' }, icon('twisty')), el('span', { class: 'name' }), el('span', { class: 'tag' })),
    el('span', { class: 'pill status' }, icon('Idle'), el('span')),
    el('span', { class: 'metrics' }, ...['restarts', 'last 5 min', 'incarnation', 'activations', 'memory'].map(metric)));
  return row;
}

function drawRow(element, { item, level, position, of, parent }) {
  const { node } = item;
  setAttribute(element, 'data-kind', node.kind);
  setAttribute(element, 'data-tone', toneOf(node.status));
  setAttribute(element, 'aria-level', level);
  setAttribute(element, 'aria-posinset', position);
  setAttribute(element, 'aria-setsize', of);
  setAttribute(element, 'aria-expanded', parent ? String(isOpen(item)) : null);
  setAttribute(element, 'aria-selected', String(view.selected === node.path));
  setAttribute(element, 'tabindex', view.active === node.path ? '0' : '-1');
  element.style.setProperty('--level', level - 1);

  const [label, status, metrics] = element.children;
  const [, name, tag] = label.children;
  setText(name, node.name);
  setAttribute(name, 'title', node.path);
  setText(tag, node.strategy ? STRATEGIES[node.strategy] ?? node.strategy : node.kind === 'worker' ? '' : node.kind);
  const flag = label.querySelector('.flag');
  if (node.ticket && !flag) label.append(icon('ticket', 'flag'), el('span', { class: 'visually-hidden flag' }, 'has a ticket'));
  if (!node.ticket && flag) label.querySelectorAll('.flag').forEach((part) => part.remove());

  setAttribute(status, 'data-tone', toneOf(node.status));
  setAttribute(status.querySelector('use'), 'href', `#i-${node.status}`);
  const waits = node.availableInSeconds == null ? '' : ` ${seconds(node.availableInSeconds).replace(/ min .*/, ' min')}`;
  setText(status.lastChild, wordOf(node.status) + waits + (node.verifying ? ', verifying' : ''));

  const memory = tree.memoryPerSupervisor[node.path];
  const values = [
    [String(node.restarts), node.restarts === 0], [String(node.recentRestarts), node.recentRestarts === 0], [String(node.incarnation), node.incarnation <= 1],
    [String(node.activations), node.activations <= 1], [memory ? bytes(memory.bytes) : node.kind === 'supervisor' ? '–' : '', !memory],
  ];
  values.forEach(([text, none], index) => {
    const cell = metrics.children[index];
    setText(cell.lastChild, text);
    cell.classList.toggle('none', none);
    cell.classList.toggle('high', index === 1 && node.recentRestarts > 3);
  });
  setAttribute(metrics.lastChild, 'title', memory?.method);
  metrics.lastChild.firstChild.hidden = values[4][0] === '';
}

function drawTree() {
  if (!tree) return;
  const box = $('tree');
  const all = visibleRows();
  const hadFocus = box.contains(document.activeElement);
  const before = rows.findIndex((row) => row.item.node.path === view.active);
  rows = all.slice(0, MOST_ROWS);
  if (!rows.some((row) => row.item.node.path === view.active)) {
    view.active = rows[Math.min(Math.max(before, 0), rows.length - 1)]?.item.node.path ?? null;
  }

  const wanted = new Set(rows.map((row) => row.item.node.path));
  for (const [path, element] of rowElements) {
    if (!wanted.has(path)) {
      element.remove();
      rowElements.delete(path);
    }
  }
  let cursor = box.firstChild;
  for (const row of rows) {
    const { path } = row.item.node;
    let element = rowElements.get(path);
    if (!element) rowElements.set(path, element = newRow(path));
    if (element === cursor) cursor = cursor.nextSibling;
    else box.insertBefore(element, cursor);
    drawRow(element, row);
  }
  if (hadFocus && !box.contains(document.activeElement)) rowElements.get(view.active)?.focus();

  setAttribute(box, 'aria-busy', null);
  box.hidden = rows.length === 0;
  setText($('tree-count'), filtering() ? `${plural(all.length, 'node')} of ${items.size}` : plural(items.size, 'node'));
  const more = all.length - rows.length;
  const empty = items.size === 0 ? 'The tree has no nodes yet.'
    : rows.length === 0 ? (view.onlyIll && view.filter === '' ? 'Nothing is ill.' : 'No node matches the filter.')
    : more > 0 ? `${plural(more, 'more node')}; narrow the filter to see them.` : '';
  setText($('tree-empty'), empty);
  $('tree-empty').hidden = empty === '';

  const methods = [...new Set(Object.values(tree.memoryPerSupervisor).map((memory) => memory.method))];
  $('memory-note').hidden = methods.length === 0;
  setText($('memory-note'), `Memory: ${methods.slice(0, 3).join(' ')}`);
}

function activate(path, { select = true, focus = true } = {}) {
  if (path == null) return;
  view.active = path;
  if (select) view.selected = path;
  saveView();
  drawTree();
  drawDetail();
  const element = rowElements.get(path);
  if (focus) element?.focus({ preventScroll: true });
  element?.scrollIntoView({ block: 'nearest' });
}

function toggle(item, open) {
  if (filtering()) return;
  if (open) collapsed.delete(item.node.path);
  else collapsed.add(item.node.path);
  drawTree();
}

// Shows a node that is named elsewhere on the page, opening what hides it.
function reveal(path) {
  // A member of a family names a child that need not be a node of its own.
  while (path != null && !items.has(path)) path = above(path);
  if (path == null) return;
  if (filtering() && !shownPaths().has(path)) {
    $('filter').value = view.filter = '';
    $('only-ill').checked = view.onlyIll = false;
  }
  for (let up = above(path); up != null; up = above(up)) collapsed.delete(up);
  activate(path);
}

let typed = '';
let typedAt = 0;

function typeAhead(character, index) {
  const now = performance.now();
  typed = now - typedAt < 700 ? typed + character : character;
  typedAt = now;
  const repeated = [...typed].every((one) => one === typed[0]);
  const text = (repeated ? typed[0] : typed).toLowerCase();
  const start = repeated ? index + 1 : index;
  for (let step = 0; step < rows.length; step++) {
    const { node } = rows[(start + step) % rows.length].item;
    if (node.name.toLowerCase().startsWith(text)) return activate(node.path);
  }
}

function onTreeKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const index = rows.findIndex((row) => row.item.node.path === view.active);
  const row = rows[index];
  if (!row) return;
  const pathAt = (at) => rows[at]?.item.node.path;
  switch (event.key) {
    case 'ArrowDown': activate(pathAt(index + 1)); break;
    case 'ArrowUp': activate(pathAt(index - 1)); break;
    case 'Home': activate(pathAt(0)); break;
    case 'End': activate(pathAt(rows.length - 1)); break;
    case 'ArrowRight':
      if (row.parent && !isOpen(row.item)) toggle(row.item, true);
      else if (row.parent) activate(pathAt(index + 1));
      break;
    case 'ArrowLeft':
      if (row.parent && isOpen(row.item) && !filtering()) toggle(row.item, false);
      else activate(row.item.parent?.node.path);
      break;
    case 'Enter': case ' ':
      activate(view.active);
      if (row.parent) toggle(row.item, !isOpen(row.item));
      break;
    case '*':
      (row.item.parent?.children ?? roots).forEach((sibling) => collapsed.delete(sibling.node.path));
      drawTree();
      break;
    default:
      if (event.key.length !== 1) return;
      typeAhead(event.key, index);
  }
  event.preventDefault();
}

function onTreeClick(event) {
  const path = event.target.closest('.row')?.dataset.path;
  const item = items.get(path);
  if (!item) return;
  activate(path);
  if (event.target.closest('.twisty') && item.children.length > 0) toggle(item, !isOpen(item));
}

// ---- Changes, told politely ---------------------------------------------------------------------------------------------

let untold = new Map();
let toldAt = -Infinity;

function noteChanges(earlier) {
  for (const { node } of items.values()) {
    const was = earlier.get(node.path)?.node;
    if (!was || was.status === node.status) continue;
    untold.set(node.path, `${node.path} is ${wordOf(node.status).toLowerCase()}`);
    const element = rowElements.get(node.path);
    element?.classList.remove('changed');
    requestAnimationFrame(() => element?.classList.add('changed'));
  }
}

// At most one sentence every 5 s, with at most 3 nodes: a storm must not talk over the person.
function tellChanges() {
  if (untold.size === 0 || performance.now() - toldAt < 5000) return;
  const told = [...untold.values()];
  setText($('announcer'), `${told.slice(0, 3).join('; ')}${told.length > 3 ? `; and ${told.length - 3} more changes` : ''}.`);
  untold = new Map();
  toldAt = performance.now();
}

// ---- Panels -------------------------------------------------------------------------------------------------------------

const history10 = [];

function drawFigures() {
  const score = Math.round(tree.healthScore);
  const [tone, word] = healthWord(tree);
  setAttribute($('health'), 'data-tone', tone);
  setText($('health-score'), String(score));
  setText($('health-word'), word);
  setAttribute($('health-ring'), 'stroke-dasharray', `${Math.max(0.01, tree.healthScore)} 100`);
  setText($('silos'), String(tree.silos));
  setText($('processes'), tree.totalProcesses.toLocaleString('en'));
  document.title = `${score} ${word.toLowerCase()} · Supervision`;

  const now = performance.now();
  history10.push([now, tree.healthScore]);
  while (history10[0][0] < now - 600_000) history10.shift();
  if (history10.length < 10) return;
  setAttribute($('spark'), 'hidden', null);
  const span = now - history10[0][0];
  setAttribute($('spark-line'), 'points', history10.map(([at, value]) => `${(120 - (120 * (now - at)) / span).toFixed(1)},${(30 - value * 0.28).toFixed(1)}`).join(' '));
  const lowest = Math.round(Math.min(...history10.map(([, value]) => value)));
  setAttribute($('spark'), 'aria-label', `Health over the last ${seconds((now - history10[0][0]) / 1000)}: lowest ${lowest}, now ${score}`);
}

function drawStatistics(statistics) {
  setText($('mttr'), seconds(statistics.meanTimeToRecoverySeconds));
  setText($('auto'), percent(statistics.autoRemediatedRate));
  setText($('escalated'), percent(statistics.escalationRate));
  setText($('false-positives'), percent(statistics.falsePositiveRate));
  setText($('lessons-count'), `${plural(statistics.totalLessons, 'lesson')} from ${plural(statistics.totalCrashes, 'crash', 'crashes')}`);
}

function drawDetail() {
  const item = items.get(view.selected);
  if (!item) {
    redraw($('detail'), el('p', { class: 'empty' }, view.selected && tree ? `${view.selected} is not in the tree now.` : 'Choose a node in the tree.'));
    return;
  }
  const { node } = item;
  const memory = tree.memoryPerSupervisor[node.path];
  const facts = [
    ['Kind', node.kind], ['Strategy', node.strategy && (STRATEGIES[node.strategy] ?? node.strategy)],
    ['Can run in', node.availableInSeconds != null && seconds(node.availableInSeconds)],
    ['Restarts', `${node.restarts} ever, ${node.recentRestarts} in the last 5 minutes`],
    ['Incarnation', String(node.incarnation)], ['Activations', String(node.activations)], ['Silo', node.silo],
    ['Memory', memory && `${bytes(memory.bytes)} in ${plural(memory.activations, 'activation')}. ${memory.method}`],
    ['Children', item.children.length > 0 && String(item.children.length)], ['Ticket', node.ticket],
  ].filter(([, value]) => value);
  redraw($('detail'),
    el('p', { class: 'detail-head' }, node.name, statusPill(node.status, node.verifying)),
    el('p', { class: 'path' }, node.path),
    el('dl', { class: 'facts' }, ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
    node.lastCrash && el('p', { class: 'note' }, 'Last crash'),
    node.lastCrash && el('pre', { class: 'crash', tabindex: '0', 'data-focus': 'crash', 'aria-label': 'Last crash' }, node.lastCrash));
}

// Tables keep their roles when narrow screens lay their rows out as blocks, which would otherwise strip them.
function table(label, columns, lines, kind = 'stack') {
  const head = el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, ...columns.map(([name, kind]) => el('th', { role: 'columnheader', scope: 'col', class: kind }, name))));
  const body = el('tbody', { role: 'rowgroup' }, ...lines.map((cells) => el('tr', { role: 'row' },
    ...cells.map((cell, index) => el('td', { role: 'cell', class: columns[index][1], 'data-label': columns[index][2] }, ...[cell].flat())))));
  return el('table', { class: kind, role: 'table', 'aria-label': label }, head, body);
}

function drawHotspots() {
  setText($('hotspots-count'), String(tree.hotspots.length));
  redraw($('hotspots'), tree.hotspots.length === 0
    ? el('p', { class: 'empty' }, 'None now.')
    : table('Hotspots', [['Child'], ['Restarts', 'number', 'Restarts']], tree.hotspots.map((hotspot) => [
      [pathLink(hotspot.path), hotspot.lastCrash && meta(hotspot.lastCrash)],
      `${hotspot.restarts} in ${seconds(hotspot.windowSeconds).replace(' 0 s', '')}`,
    ]), 'plain'));
}

function ticketCard(ticket) {
  const answer = ticket.resolution;
  return el('li', {}, pathLink(ticket.child), el('p', { class: 'summary' }, ticket.summary || ticket.reason),
    meta(ticket.summary && ticket.reason, CLASSES[ticket.class] ?? ticket.class, plural(ticket.crashes, 'crash', 'crashes'),
      ticket.open ? `opened ${ago(ticket.openedAt)}` : `resolved ${ago(ticket.resolvedAt)}${answer?.by ? ` by ${answer.by}` : ''}`),
    answer && meta(answer.rootCause, answer.remediation.sentence, answer.note));
}

function drawEscalations(tickets) {
  const open = tickets.filter((ticket) => ticket.open);
  const resolved = tickets.filter((ticket) => !ticket.open);
  setText($('escalations-count'), `${open.length} open`);
  redraw($('escalations'),
    open.length === 0 ? el('p', { class: 'empty' }, 'Nothing waits for a person.') : el('ul', { class: 'cards' }, ...open.map(ticketCard)),
    resolved.length === 0 ? null : el('details', {}, el('summary', {}, `${resolved.length} resolved lately`), el('ul', { class: 'cards' }, ...resolved.map(ticketCard))));
}

function drawMode({ mode }) {
  $('mode').hidden = mode === 'Active';
  if (mode === 'Active') return;
  setAttribute($('mode'), 'data-tone', mode === 'Off' ? 'bad' : 'warn');
  setText($('mode'), mode === 'Off' ? 'Remediation is off' : 'Remediation only says what it would do');
}

function drawBreakers(breakers) {
  setText($('breakers-count'), String(breakers.length));
  redraw($('breakers'), breakers.length === 0
    ? el('p', { class: 'empty' }, 'All are closed.')
    : el('ul', { class: 'cards' }, ...breakers.map((breaker) => el('li', {}, el('p', { class: 'path' }, breaker.target),
      meta(breaker.state === 'Open' ? 'open' : 'one call is tried', breaker.probeInSeconds != null && breaker.state === 'Open' && `tries again in ${seconds(breaker.probeInSeconds)}`, breaker.reason)))));
}

function drawLetters(page) {
  setText($('letters-count'), String(page.items.length));
  redraw($('letters'), page.items.length === 0
    ? el('p', { class: 'empty' }, 'None.')
    : el('ul', { class: 'cards' }, ...page.items.map((letter) => el('li', {}, pathLink(letter.child),
      el('p', { class: 'summary' }, `${letter.method}(${letter.arguments.map((argument) => `${argument.name}: ${argument.value}`).join(', ')})`),
      meta(letter.failure, plural(letter.count, 'time'), `last ${ago(letter.lastSeen)}`, letter.notReplayable ?? 'can be replayed')))));
}

function outcomes(lesson) {
  return Object.entries(lesson.outcomes).map(([action, counts]) => el('div', {}, el('span', { class: 'meta' }, `${action} `),
    el('span', { class: 'outcome', 'data-tone': counts.healed > 0 ? 'good' : null }, `${counts.healed} healed`), ', ',
    el('span', { class: 'outcome', 'data-tone': counts.failed > 0 ? 'bad' : null }, `${counts.failed} failed`), ', ',
    el('span', { class: 'outcome' }, `${counts.inconclusive} inconclusive`)));
}

function drawLessons(page) {
  $('lessons-more').hidden = page.next == null || lessonsShown >= 500;
  if (page.items.length === 0) {
    redraw($('lessons'), el('p', { class: 'empty' }, 'No crash has been seen yet, so there is nothing to learn from.'));
    return;
  }
  const columns = [['Failure'], ['Remediation', '', 'Remediation'], ['Outcomes', '', 'Outcomes'], ['Crashes', 'number', 'Crashes'], ['Last seen', 'nowrap', 'Last seen']];
  redraw($('lessons'), table('Lessons', columns, page.items.map((lesson) => [
    [el('div', {}, lesson.failureMode), pathLink(lesson.child), meta(CLASSES[lesson.class] ?? lesson.class, lesson.rootCause)],
    lesson.remediation ? [lesson.remediation.sentence, meta(lesson.origin === 'Person' && lesson.answeredBy ? `from ${lesson.answeredBy}` : ORIGINS[lesson.origin] ?? lesson.origin, lesson.answerNote)] : el('span', { class: 'meta' }, 'not known yet'),
    Object.keys(lesson.outcomes).length > 0 ? outcomes(lesson) : el('span', { class: 'meta' }, 'none yet'),
    lesson.crashes.toLocaleString('en'), ago(lesson.lastSeen),
  ])));
}

// ---- View state in the address --------------------------------------------------------------------------------------------

function loadView() {
  const query = new URLSearchParams(location.search);
  view.filter = query.get('filter') ?? '';
  view.onlyIll = query.get('ill') === '1';
  view.selected = query.get('node');
  view.active = view.selected;
  $('filter').value = view.filter;
  $('only-ill').checked = view.onlyIll;
}

function saveView() {
  const query = new URLSearchParams();
  if (view.filter) query.set('filter', view.filter);
  if (view.onlyIll) query.set('ill', '1');
  if (view.selected) query.set('node', view.selected);
  const text = query.toString();
  if (text !== location.search.slice(1)) history.replaceState(null, '', text ? `?${text}` : location.pathname);
}

function onFilter() {
  view.filter = $('filter').value.trim();
  view.onlyIll = $('only-ill').checked;
  saveView();
  drawTree();
}

// ---- Start ----------------------------------------------------------------------------------------------------------------

function drawAll(data) {
  const earlier = items;
  tree = data;
  missing = data.missing;
  buildItems(data.nodes);
  drawFigures();
  drawTree();
  noteChanges(earlier);
  drawDetail();
  drawHotspots();
}

let lessonsShown = 20;
const treeFeed = new Feed('tree', 2000, drawAll);
const escalationsFeed = new Feed('escalations', 5000, drawEscalations);
const modeFeed = new Feed('remediations/mode', 10_000, drawMode);
const breakersFeed = new Feed('breakers', 5000, drawBreakers);
const lettersFeed = new Feed('dead-letters?limit=20', 10_000, drawLetters);
const statisticsFeed = new Feed('lessons/statistics', 5000, drawStatistics);
const lessonsFeed = new Feed(() => `lessons?limit=${lessonsShown}`, 10_000, drawLessons);

loadView();
$('tree').addEventListener('keydown', onTreeKey);
$('tree').addEventListener('click', onTreeClick);
$('filter').addEventListener('input', onFilter);
$('only-ill').addEventListener('change', onFilter);
$('filter-form').addEventListener('submit', (event) => event.preventDefault());
$('notice-retry').addEventListener('click', () => (signedOut ? location.reload() : askAll()));
$('lessons-more').addEventListener('click', () => {
  lessonsShown = Math.min(500, lessonsShown + 20);
  lessonsFeed.ask();
});
document.addEventListener('visibilitychange', () => { if (!document.hidden) askAll(); });
setInterval(() => {
  if (document.hidden) return;
  showConnection();
  tellChanges();
}, 1000);
askAll();
