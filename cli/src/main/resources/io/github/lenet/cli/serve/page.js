// The page to try the model: an image goes to the server, which makes the network's pixels of it; these go to the REST
// API, as from any client; what comes back is drawn. Nothing here predicts, and nothing here converts images.

const MAX_FILE_BYTES = 16 * 1024 * 1024; // the server's limit; said here before anything is sent
const MAX_UNDO = 40;
const POLL_MILLIS = 4000; // how soon a new version of the model, or its server's return, is noticed
const PATIENCE_MILLIS = 15000;
const BLACK = '#000';
const WHITE = '#fff';

const element = (id) => document.getElementById(id);
const main = element('main');
const stage = element('stage');
const drawing = element('drawing');
const pen = drawing.getContext('2d', { willReadFrequently: true });
const original = element('original');
const cursor = element('cursor');

/** What GET /page/model says. */
let model = null;
/** What was given besides strokes: {name, file} or {name, label}, or nothing. The canvas holds the rest. */
let given = null;
let isEmpty = true;
const undoable = [];

/** Something to tell the user. */
class Problem extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status; // of HTTP; 0: there was no response
  }
}

async function ask(path, options = {}) {
  let response;
  let text;
  try {
    response = await fetch(path, { ...options, cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MILLIS) });
    text = await response.text();
  } catch (e) {
    throw new Problem(
      e.name === 'TimeoutError'
        ? 'The server takes too long to respond. Trying again …'
        : 'The server cannot be reached. Is it still running? Trying again …',
    );
  }
  let json = {};
  try {
    json = JSON.parse(text);
  } catch (e) {
    if (response.ok) {
      throw new Problem('The server’s response cannot be read.', response.status);
    }
  }
  if (!response.ok) {
    throw new Problem(json.error ?? `The server refuses: status ${response.status}.`, response.status);
  }
  return json;
}

const postJson = (path, value) =>
  ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) });

// ---- Problems, and what a screen reader says ----

let lost = false;

function showProblem(problem) {
  if (!(problem instanceof Problem)) {
    throw problem; // a fault of this script: for the console
  }
  lost = problem.status === 0;
  const text = problem.message;
  element('problem').textContent = text.charAt(0).toUpperCase() + text.slice(1);
  element('problem').hidden = false;
}

function clearProblem() {
  lost = false;
  element('problem').hidden = true;
}

let saying = 0;

/** Says it once the hand has come to rest. */
function say(text, afterMillis = 700) {
  clearTimeout(saying);
  saying = setTimeout(() => {
    element('said').textContent = text;
  }, afterMillis);
}

// ---- The model ----

async function refreshModel() {
  const now = await ask('/page/model');
  if (JSON.stringify(now) !== JSON.stringify(model)) {
    adopt(now);
  }
}

function adopt(now) {
  const sameSize = model && model.height === now.height && model.width === now.width;
  const before = model;
  model = now;
  element('model').textContent = `${now.name}, version ${now.version}`;
  if (before) {
    say(`Now version ${now.version} of the model`, 0);
  }
  if (!sameSize) {
    // A whole number of canvas pixels for each of the network's, so that its own images survive the way there and back.
    const scale = Math.max(1, Math.floor(280 / Math.max(now.height, now.width)));
    drawing.width = scale * now.width;
    drawing.height = scale * now.height;
    stage.style.aspectRatio = `${now.width} / ${now.height}`;
    element('seen').width = now.width;
    element('seen').height = now.height;
    element('size').textContent = `It gets ${now.height} × ${now.width} pixels.`;
    cell = { column: now.width >> 1, row: now.height >> 1 };
    undoable.length = 0;
    wipe();
  }
  layOutBars(now.classes);
  layOutLayers(now.layers);
  showNothing();
  main.classList.remove('waiting');
  changed();
}

const scale = () => drawing.width / model.width;

function layOutBars(classes) {
  element('bars').replaceChildren(
    ...classes.map((name) => {
      const row = document.createElement('li');
      row.append(part('span', 'name', name), part('div', 'track'), part('span', 'probability'));
      row.children[0].title = name;
      row.children[1].append(part('div', 'fill'));
      return row;
    }),
  );
}

function layOutLayers(layers) {
  element('layers').replaceChildren(
    ...layers.map((layer) => {
      const figure = document.createElement('figure');
      figure.dataset.layer = layer.name;
      const caption = document.createElement('figcaption');
      const count = layer.channels === 1 ? '1 channel' : `${layer.channels} channels`;
      caption.append(part('b', '', layer.name), `${count} of ${layer.height} × ${layer.width}`, part('span', 'range'));
      const maps = part('div', 'maps');
      maps.style.gridTemplateColumns = `repeat(${Math.min(8, Math.max(4, layer.channels))}, minmax(0, 1fr))`;
      for (let channel = 0; channel < layer.channels; channel++) {
        const map = document.createElement('canvas');
        map.width = layer.width;
        map.height = layer.height;
        map.setAttribute('aria-hidden', 'true'); // the caption says what can be said
        maps.append(map);
      }
      figure.append(caption, maps);
      return figure;
    }),
  );
}

function part(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

// ---- Asking: one question at a time, and the newest state next ----

let wanted = 0;
let predicted = 0;
let running = false;

function changed() {
  wanted++;
  main.setAttribute('aria-busy', 'true');
  if (!running) {
    run();
  }
}

async function run() {
  running = true;
  try {
    while (predicted !== wanted) {
      const asked = wanted;
      try {
        await predictOnce();
        clearProblem();
      } catch (problem) {
        showProblem(problem);
      } finally {
        predicted = asked;
      }
    }
  } finally {
    running = false;
    main.setAttribute('aria-busy', 'false');
  }
}

async function predictOnce() {
  if (isEmpty) {
    showNothing();
    return;
  }
  const asked = given;
  let image;
  try {
    image = await convert(asked);
  } catch (problem) {
    if (asked === given) {
      showNothing();
    }
    throw problem;
  }
  if (asked?.file && asked === given) {
    putPixels(image.pixels); // so that strokes go on from what the network gets
  }
  if (image.height !== model.height || image.width !== model.width) {
    await refreshModel(); // which asks anew
    return;
  }
  const pixels = model.darkOnLight ? image.pixels.map((grey) => 255 - grey) : image.pixels;
  const rows = [];
  for (let row = 0; row < image.height; row++) {
    rows.push(pixels.slice(row * image.width, (row + 1) * image.width));
  }
  const current = model;
  let outputs;
  try {
    outputs = await predict(current, rows);
  } catch (problem) {
    if (problem.status === 404) {
      await refreshModel(); // this version is not served any more; the next one is asked anew
    }
    if (current !== model) {
      return;
    }
    throw problem;
  }
  if (current === model) {
    showPrediction(pixels, rows, outputs, asked);
  }
}

async function convert(asked) {
  if (asked?.file) {
    let bytes;
    try {
      bytes = await asked.file.arrayBuffer();
    } catch (e) {
      throw new Problem(`${asked.name}: cannot be read. Is it a file, and still there?`, 400);
    }
    return ask('/page/image', { method: 'POST', body: bytes });
  }
  const png = await new Promise((resolve) => drawing.toBlob(resolve, 'image/png'));
  return ask('/page/drawing', { method: 'POST', body: png });
}

/** Asks the version that the page shows, so that all that is seen is one network's. */
async function predict(current, rows) {
  const path = `/v1/models/${encodeURIComponent(current.name)}/versions/${current.version}:predict`;
  const inputs = { images: [rows] };
  const [prediction, layers] = await Promise.all([
    postJson(path, { inputs }),
    postJson(path, { signature_name: 'layers', inputs }),
  ]);
  return { probabilities: prediction.outputs.probabilities[0], layers: layers.outputs };
}

// ---- Showing ----

/** With one digit; what is not quite nothing or all is not called so. */
function percent(probability) {
  const sign = probability > 0 && probability < 0.0005 ? '<\u202f' : probability < 1 && probability > 0.9995 ? '>\u202f' : '';
  const rounded = sign ? Math.min(99.9, Math.max(0.1, 100 * probability)) : 100 * probability;
  return `${sign}${rounded.toFixed(1)}\u00a0%`;
}

function showPrediction(pixels, rows, outputs, asked) {
  paint(element('seen'), (i) => pixels[i]);
  const best = outputs.probabilities.indexOf(Math.max(...outputs.probabilities));
  const name = model.classes[best];
  showBars(outputs.probabilities, best);
  element('best').replaceChildren(name, part('span', '', percent(outputs.probabilities[best])));
  const label = asked?.label;
  const verdict = label === undefined ? '' : `${label === name ? 'Right' : 'Wrong'}: it is labelled ${label}.`;
  element('truth').textContent = verdict || '\u00a0';
  element('truth').classList.toggle('wrong', label !== undefined && label !== name);
  say(`${name}, ${percent(outputs.probabilities[best])}. ${verdict}`);
  for (const layer of model.layers) {
    showLayer(layer, outputs.layers[layer.name][0]);
  }
  const body = `{"instances": [[${rows.map((row) => `[${row}]`).join(',')}]]}`;
  const address = `${location.origin}/v1/models/${encodeURIComponent(model.name)}:predict`;
  element('curl').textContent = `curl -d '${body}' ${address}`;
  element('copy').disabled = false;
}

function showNothing() {
  paint(element('seen'), () => 0);
  showBars(model.classes.map(() => 0), -1);
  element('best').replaceChildren('\u00a0');
  element('truth').textContent = '\u00a0';
  for (const canvas of document.querySelectorAll('.maps canvas')) {
    paint(canvas, () => 0);
  }
  for (const range of document.querySelectorAll('.range')) {
    range.textContent = '';
  }
  element('curl').textContent = '…';
  element('copy').disabled = true;
}

function showBars(probabilities, best) {
  [...element('bars').children].forEach((row, i) => {
    row.classList.toggle('best', i === best);
    row.querySelector('.fill').style.transform = `scaleX(${probabilities[i]})`;
    row.querySelector('.probability').textContent = best < 0 ? '' : percent(probabilities[i]);
  });
}

/** One scale for all channels, so that they can be compared. */
function showLayer(layer, rows) {
  const figure = document.querySelector(`figure[data-layer="${CSS.escape(layer.name)}"]`);
  const values = rows.flat(2); // row by row, the channels of a place beside each other
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const factor = high > low ? 255 / (high - low) : 0;
  figure.querySelectorAll('canvas').forEach((canvas, channel) => {
    paint(canvas, (i) => (values[i * layer.channels + channel] - low) * factor);
  });
  figure.querySelector('.range').textContent = `${decimal(low, high)} to ${decimal(high, high)}`;
}

/** With as many digits as show two of the largest. */
function decimal(value, largest) {
  const digits = largest > 0 ? Math.min(8, Math.max(0, 2 - Math.ceil(Math.log10(largest)))) : 2;
  return value.toFixed(digits).replace('-', '−');
}

function paint(canvas, grey) {
  const context = canvas.getContext('2d', { willReadFrequently: true }); // small ones, better off without the GPU
  const image = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < canvas.width * canvas.height; i++) {
    image.data.fill(grey(i), 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

// ---- The image: canvas, file on top of it, and the way back ----

function wipe() {
  pen.fillStyle = BLACK;
  pen.fillRect(0, 0, drawing.width, drawing.height);
  setGiven(null);
  isEmpty = true;
  showState();
}

function setGiven(next) {
  given = next;
  if (original.src) {
    URL.revokeObjectURL(original.src);
    original.removeAttribute('src');
  }
  original.hidden = true;
  if (next?.file) {
    original.src = URL.createObjectURL(next.file);
    original.hidden = false;
  }
  element('caption').textContent = next?.name ?? '\u00a0';
}

// What this browser can't show, the server may still read: the network's pixels are on the canvas below.
original.addEventListener('error', () => {
  original.hidden = true;
});

function showState() {
  element('invitation').hidden = !isEmpty;
  element('undo').disabled = undoable.length === 0;
  element('clear').disabled = isEmpty;
}

/** Before each change that undo can take back. */
function remember() {
  undoable.push({ image: pen.getImageData(0, 0, drawing.width, drawing.height), given, isEmpty });
  if (undoable.length > MAX_UNDO) {
    undoable.shift();
  }
}

function undo() {
  const before = undoable.pop();
  if (!before) {
    return;
  }
  pen.putImageData(before.image, 0, 0);
  setGiven(before.given);
  isEmpty = before.isEmpty;
  showState();
  changed();
}

function clear() {
  if (!isEmpty) {
    remember();
    wipe();
    changed();
  }
}

/** Draws the network's pixels, each as a square. */
function putPixels(pixels) {
  const side = scale();
  pixels.forEach((grey, i) => {
    pen.fillStyle = `rgb(${grey} ${grey} ${grey})`;
    pen.fillRect((i % model.width) * side, Math.floor(i / model.width) * side, side, side);
  });
}

// ---- Drawing with mouse, finger or pen ----

let stroke = null;
let isErasing = false;

function startStroke(at) {
  remember();
  if (given?.file || given?.label !== undefined) {
    setGiven(given ? { name: `${given.name}, drawn over` } : null);
  }
  isEmpty = false;
  stroke = at;
  lineTo(at);
  showState();
}

function lineTo(at) {
  pen.strokeStyle = isErasing ? BLACK : WHITE;
  pen.lineWidth = (element('brush').valueAsNumber / 28) * Math.max(drawing.width, drawing.height);
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  pen.beginPath();
  pen.moveTo(stroke.x, stroke.y);
  pen.lineTo(at.x, at.y);
  pen.stroke();
  stroke = at;
  changed();
}

function place(event) {
  const box = drawing.getBoundingClientRect();
  return {
    x: ((event.clientX - box.left) / box.width) * drawing.width,
    y: ((event.clientY - box.top) / box.height) * drawing.height,
  };
}

drawing.addEventListener('pointerdown', (event) => {
  if (event.button !== 0 || !event.isPrimary || !model) {
    return;
  }
  event.preventDefault();
  stage.classList.add('pointed');
  drawing.focus({ preventScroll: true });
  liftKeyPen();
  cursor.hidden = true;
  drawing.setPointerCapture(event.pointerId);
  startStroke(place(event));
});
drawing.addEventListener('pointermove', (event) => {
  if (stroke && event.isPrimary && !keyPenIsDown) {
    const all = event.getCoalescedEvents?.() ?? [];
    (all.length ? all : [event]).forEach((each) => lineTo(place(each)));
  }
});
for (const end of ['pointerup', 'pointercancel']) {
  drawing.addEventListener(end, (event) => {
    if (event.isPrimary && !keyPenIsDown) {
      stroke = null;
    }
  });
}

// ---- Drawing with keys: a pen that moves from one of the network's pixels to the next ----

let cell = { column: 14, row: 14 };
let keyPenIsDown = false;

function liftKeyPen() {
  if (keyPenIsDown) {
    keyPenIsDown = false;
    stroke = null;
  }
}

const cellCentre = () => ({ x: (cell.column + 0.5) * scale(), y: (cell.row + 0.5) * scale() });

function showCursor() {
  cursor.hidden = false;
  cursor.classList.toggle('down', keyPenIsDown);
  cursor.style.left = `${(100 * (cell.column + 0.5)) / model.width}%`;
  cursor.style.top = `${(100 * (cell.row + 0.5)) / model.height}%`;
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

drawing.addEventListener('keydown', (event) => {
  if (!model || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const move = MOVES[event.key];
  if (move) {
    const step = event.shiftKey ? 4 : 1;
    const within = (value, size) => Math.min(size - 1, Math.max(0, value));
    cell = {
      column: within(cell.column + step * move[0], model.width),
      row: within(cell.row + step * move[1], model.height),
    };
    if (keyPenIsDown) {
      lineTo(cellCentre());
    }
  } else if (event.key === ' ' || event.key === 'Enter') {
    if (event.repeat) {
      event.preventDefault();
      return;
    }
    if (keyPenIsDown) {
      liftKeyPen();
    } else {
      startStroke(cellCentre());
      keyPenIsDown = true;
    }
    say(`Pen ${keyPenIsDown ? 'down' : 'up'}, column ${cell.column + 1}, row ${cell.row + 1}`, 0);
  } else if (event.key === 'Escape' && keyPenIsDown) {
    liftKeyPen();
  } else if (event.key === 'e' || event.key === 'E') {
    toggleEraser();
  } else if (event.key === 'Delete' || event.key === 'Backspace') {
    liftKeyPen();
    clear();
  } else {
    return;
  }
  event.preventDefault();
  stage.classList.remove('pointed');
  showCursor();
});
drawing.addEventListener('focus', () => {
  if (model && !stage.classList.contains('pointed')) {
    showCursor();
  }
});
drawing.addEventListener('blur', () => {
  liftKeyPen();
  stage.classList.remove('pointed');
  cursor.hidden = true;
});

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z') {
    event.preventDefault();
    liftKeyPen();
    undo();
  }
});

function toggleEraser() {
  isErasing = !isErasing;
  element('eraser').setAttribute('aria-pressed', String(isErasing));
}

element('eraser').addEventListener('click', toggleEraser);
element('undo').addEventListener('click', undo);
element('clear').addEventListener('click', clear);

// ---- Images from elsewhere: button, drop, paste ----

function take(file) {
  if (!model) {
    return;
  }
  if (file.size > MAX_FILE_BYTES) {
    showProblem(new Problem(`${file.name}: is too large: expected at most 16 MiB. Make it smaller.`, 413));
    return;
  }
  remember();
  wipe();
  setGiven({ name: file.name || 'pasted image', file });
  isEmpty = false;
  showState();
  changed();
}

function takeFrom(data) {
  const file = [...data.files][0];
  if (file) {
    take(file);
  } else {
    showProblem(new Problem('There is no image in it: a file is needed. Save the image first, or copy and paste it.', 400));
  }
}

element('open').addEventListener('click', () => element('file').click());
element('file').addEventListener('change', (event) => {
  if (event.target.files.length) {
    take(event.target.files[0]);
    event.target.value = ''; // so that the same file can be chosen again
  }
});

document.addEventListener('paste', (event) => {
  event.preventDefault();
  takeFrom(event.clipboardData);
});

let dragDepth = 0; // entering a child comes before leaving its parent
document.addEventListener('dragenter', (event) => {
  dragDepth++;
  element('drop').hidden = !event.dataTransfer.types.includes('Files');
});
document.addEventListener('dragleave', () => {
  dragDepth--;
  element('drop').hidden ||= dragDepth <= 0;
});
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  dragDepth = 0;
  element('drop').hidden = true;
  takeFrom(event.dataTransfer);
});

// ---- Test images ----

async function takeExample() {
  const button = element('example');
  button.disabled = true;
  try {
    const example = await ask('/page/example');
    if (example.height !== model.height || example.width !== model.width) {
      await refreshModel();
      return;
    }
    remember();
    wipe();
    putPixels(example.pixels);
    setGiven({ name: `${example.dataset}, test image ${example.index}: ${example.label}`, label: example.label });
    isEmpty = false;
    showState();
    changed();
  } catch (problem) {
    if (problem.status === 404) {
      button.hidden = true; // there are none for this model
    } else {
      showProblem(problem);
    }
  } finally {
    button.disabled = false;
  }
}

element('example').addEventListener('click', takeExample);

// ---- The command ----

element('copy').addEventListener('click', async () => {
  const command = element('curl');
  try {
    await navigator.clipboard.writeText(command.textContent);
  } catch (e) {
    // Not over plain HTTP from another machine, or not allowed: select it, so that Ctrl+C does it.
    getSelection().selectAllChildren(command);
    element('copy').textContent = document.execCommand('copy') ? 'Copied' : 'Selected';
    return;
  }
  element('copy').textContent = 'Copied';
  setTimeout(() => {
    element('copy').textContent = 'Copy';
  }, 2000);
});

// ---- Start, and keeping up with the server ----

async function keepUp() {
  if (document.hidden) {
    return;
  }
  const wasLost = lost;
  const isFirst = model === null;
  try {
    await refreshModel();
    if (wasLost) {
      clearProblem();
      changed();
    }
    if (isFirst) {
      await takeExample();
    }
  } catch (problem) {
    if (problem.status !== 503 || isFirst) {
      showProblem(problem);
    }
  }
}

setInterval(keepUp, POLL_MILLIS);
document.addEventListener('visibilitychange', keepUp);
keepUp();
