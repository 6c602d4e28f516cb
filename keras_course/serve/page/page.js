"use strict";
// Draws on the page what the server says of a picture, a latent vector or a run. Nothing is fetched from elsewhere.

const at = (id) => document.getElementById(id);
const PEN_STEP = 8, POLL_MS = 1500, WALK_STEPS = 60, PLAY_STEPS = 120, MOST_SLIDERS = 128, MOST_BARS = 10;
const INPUTS = ["input", "dials", "latents", "plain", "said", "seen", "inside"];
let models = [], model = null, ask = () => {};

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element) element[name] = value; else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function waitFor(what) {
  const text = what && `Waiting for ${what} ...`;
  if (at("waiting").textContent !== text) at("waiting").textContent = text; // else a screen reader says it at each poll
  at("waiting").hidden = !what;
}

function complain(message) {
  at("problem").textContent = message;
  at("problem").hidden = !message;
}

async function fetchJson(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The server does not answer.");
  }
  const content = await response.json();
  if (!response.ok) throw new Error(content.error);
  return content;
}

// Calls `work` for the last of many wishes: one at a time, and what came in between is left out. Ends with the model.
function latest(work) {
  const mine = model;
  let busy = false, again = false;
  return async function wish() {
    if (model !== mine) return;
    if (busy) { again = true; return; }
    busy = true;
    try {
      await work();
      if (model === mine) complain("");
    } catch (error) {
      if (model === mine) complain(error.message);
    }
    busy = false;
    if (again) { again = false; wish(); }
  };
}

// ---- the paper

const paper = at("paper").getContext("2d", { willReadFrequently: true }), ring = at("cursor").getContext("2d");
const SIDE = at("paper").width, pen = { x: SIDE / 2, y: SIDE / 2, down: false, last: null };
let picture = null; // a file in place of the drawing

const darkInk = () => model.polarity === "dark on light" || (model.image_shape[2] === 3 && model.polarity !== "light on dark");

async function clear() {
  const mine = model;
  paper.fillStyle = darkInk() ? "#fff" : "#000";
  paper.fillRect(0, 0, SIDE, SIDE);
  picture = null;
  at("file").value = "";
  if (mine.example) {
    const image = make("img", { src: mine.example });
    await image.decode();
    if (model !== mine) return;
    paper.imageSmoothingEnabled = false;
    paper.drawImage(image, 0, 0, SIDE, SIDE);
    paper.imageSmoothingEnabled = true;
  }
  ask();
}

function stroke(x, y) {
  const from = pen.last ?? { x, y };
  paper.strokeStyle = model.image_shape[2] === 1 ? (darkInk() ? "#000" : "#fff") : at("ink").value;
  paper.lineWidth = Number(at("pen").value);
  paper.lineCap = paper.lineJoin = "round";
  paper.beginPath();
  paper.moveTo(from.x, from.y);
  paper.lineTo(x + 0.01, y);
  paper.stroke();
  pen.last = { x, y };
  picture = null;
  ask();
}

function drawRing() {
  ring.clearRect(0, 0, SIDE, SIDE);
  if (document.activeElement !== at("cursor")) return;
  for (const [color, width] of [["#fff", 4], ["#0b63ce", 2]]) {
    ring.strokeStyle = color;
    ring.lineWidth = width;
    ring.setLineDash(pen.down ? [] : [6, 4]);
    ring.beginPath();
    ring.arc(pen.x, pen.y, Math.max(5, at("pen").value / 2), 0, 7);
    ring.stroke();
  }
}

function place(event) {
  const box = at("cursor").getBoundingClientRect();
  return [(event.clientX - box.left) * SIDE / box.width, (event.clientY - box.top) * SIDE / box.height];
}

function onKey(event) {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.key in moves) {
    const [x, y] = moves[event.key];
    pen.x = Math.min(SIDE, Math.max(0, pen.x + PEN_STEP * x));
    pen.y = Math.min(SIDE, Math.max(0, pen.y + PEN_STEP * y));
    if (pen.down) stroke(pen.x, pen.y);
  } else if (event.key === " ") {
    pen.down = !pen.down;
    pen.last = null;
    if (pen.down) stroke(pen.x, pen.y);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    clear();
  } else {
    return;
  }
  event.preventDefault();
  drawRing();
}

async function take(file) {
  if (!file) return;
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(SIDE / image.width, SIDE / image.height);
    paper.fillStyle = "#777";
    paper.fillRect(0, 0, SIDE, SIDE);
    paper.drawImage(image, (SIDE - image.width * scale) / 2, (SIDE - image.height * scale) / 2,
      image.width * scale, image.height * scale);
  } catch { /* the server says what is wrong with it */ }
  picture = file;
  ask();
}

async function askAboutPicture() {
  const form = new FormData();
  const file = picture ?? await new Promise((done) => at("paper").toBlob(done, "image/png"));
  form.append("images", file, "picture.png");
  form.append("resize", "true");
  form.append("invert", String(at("invert").checked));
  if (model.unit_names) form.append("units", dials.map((value) => value * way).join(","));
  const asked = model.name;
  const said = await fetchJson(`/page/models/${encodeURIComponent(asked)}`, { method: "POST", body: form });
  if (asked === model.name) showPicture(said);
}

// ---- what the network says of a picture

const percent = (share) => `${(100 * share).toFixed(1)} %`;

function showPicture(said) {
  const { received } = said, [height, width, channels] = received.shape;
  at("pixels").textContent = `${width} × ${height} pixels, ${{ 1: "grey", 3: "RGB", 4: "RGBA" }[channels] ?? channels}, ` +
    `each 0 to 255. ${received.polarity === "mixed" ? "" : `This picture is ${received.polarity}. `}` +
    (received.inverted ? `The training images are ${model.polarity}: tick “invert”. ` : "");
  const views = [view("received", received.picture)];
  if (said.saliency) views.push(view("saliency: pixels that change the answer", received.picture, said.saliency));
  if (said.grad_cam) views.push(view("Grad-CAM: places that speak for it", received.picture, said.grad_cam));
  if (said.mask) views.push(view("class of each pixel", received.picture, said.mask));
  if (said.changed) views.push(view("with these units", said.changed));
  if (said.painted) views.push(view("painted", said.painted));
  if (said.boxes) views.push(boxesView(said.boxes, received));
  at("views").replaceChildren(...views);
  at("bars").replaceChildren(...(said.probabilities ? bars(said.probabilities) : []));
  at("found").replaceChildren(...found(said));
  at("verdict").textContent = verdict(said);
  at("inside").hidden = !said.maps?.length;
  at("maps").replaceChildren(...(said.maps ?? []).map(mapsFigure));
}

function verdict(said) {
  if (said.probabilities) {
    const best = said.probabilities.indexOf(Math.max(...said.probabilities));
    return `${model.class_names[best]}: ${percent(said.probabilities[best])}`;
  }
  if (said.boxes) return said.boxes.length ? `${said.boxes.length} found` : "Nothing is found.";
  return said.caption ?? (said.mask ? "A class for each pixel" : "Painted");
}

function bars(probabilities) {
  const order = probabilities.map((share, index) => [share, index]);
  if (order.length > MOST_BARS) order.sort((one, other) => other[0] - one[0]);
  return order.slice(0, MOST_BARS).map(([share, index]) => {
    const fill = make("span");
    fill.style.width = percent(share).replace(" ", "");
    return make("li", {}, make("span", { className: "name" }, model.class_names[index]),
      make("span", { className: "bar" }, fill), make("span", { className: "share" }, percent(share)));
  });
}

function found(said) {
  const swatch = (color) => {
    const square = make("span", { className: "swatch" });
    square.style.background = color;
    return square;
  };
  const boxes = (said.boxes ?? []).map((box) => make("li", {}, `${box.name}: ${percent(box.score)}`));
  return [...boxes, ...(said.legend ?? []).map(({ name, color, share }) =>
    make("li", {}, swatch(color), `${name}: ${percent(share)} of the pixels`))];
}

function view(caption, ...layers) {
  const stack = make("div", { className: "stack" },
    ...layers.map((source, index) => make("img", { src: source, alt: index ? "" : caption })));
  return make("figure", {}, stack, make("figcaption", {}, caption));
}

function boxesView(boxes, received) {
  const figure = view("boxes", received.picture), [height, width] = received.shape, scale = Math.ceil(480 / width);
  const canvas = make("canvas", { width: width * scale, height: height * scale }), ink = canvas.getContext("2d");
  ink.font = "22px system-ui, sans-serif";
  for (const { box: [left, top, right, bottom], name } of boxes) {
    for (const [color, line] of [["#000", 7], ["#ff8a3d", 4]]) {
      ink.strokeStyle = color;
      ink.lineWidth = line;
      ink.strokeRect(left * scale, top * scale, (right - left) * scale, (bottom - top) * scale);
    }
    ink.strokeStyle = "#000";
    ink.strokeText(name, left * scale + 6, top * scale + 24);
    ink.fillStyle = "#fff";
    ink.fillText(name, left * scale + 6, top * scale + 24);
  }
  figure.firstChild.append(canvas);
  return figure;
}

function mapsFigure({ layer, shape, shown, picture: source }) {
  const [height, width, filters] = shape, image = make("img", { src: source, alt: `Feature maps of ${layer}` });
  image.style.width = `${Math.min(8, shown) * Math.max(36, Math.min(64, width * 2))}px`;
  const few = shown < filters ? `, the first ${shown} of ${filters}` : `, ${filters} maps`;
  return make("figure", {}, image, make("figcaption", {}, `${layer}${few} of ${width} × ${height}`));
}

// ---- what moves: one film at a time

let moving = null, way = 1; // the second is the share of the way to where the dials are

function stopMoving() {
  cancelAnimationFrame(moving);
  moving = null;
  way = 1;
  for (const button of ["walk", "play"]) at(button).setAttribute("aria-pressed", "false");
}

function move(button, steps, go) {
  if (moving !== null) { stopMoving(); ask(); return; }
  at(button).setAttribute("aria-pressed", "true");
  let step = 0;
  const next = () => {
    go(++step / steps);
    if (step < steps) moving = requestAnimationFrame(next); else stopMoving();
  };
  moving = requestAnimationFrame(next);
}

function slider(text, least, most, take, spoken = text) {
  const input = make("input", { type: "range", min: least, max: most, step: 0.05, ariaLabel: spoken });
  input.addEventListener("input", () => { stopMoving(); take(Number(input.value)); ask(); });
  return make("label", {}, make("span", {}, text), input);
}

// ---- a face with action units

let dials = [];

function prepareDials() {
  at("dial-rows").replaceChildren(...model.unit_names.map((name, index) =>
    slider(name.replaceAll("_", " "), 0, 1, (value) => { dials[index] = value; })));
  setDials(model.unit_names.map(() => 0));
}

function setDials(values) {
  dials = values;
  [...at("dial-rows").querySelectorAll("input")].forEach((input, index) => { input.value = dials[index]; });
}

function play() {
  if (!dials.some((value) => value)) setDials(dials.map((_, index) => index ? 0 : 1)); // else nothing would move
  move("play", PLAY_STEPS, (done) => {
    way = (1 - Math.cos(3 * Math.PI * done)) / 2; // there, back, and there
    ask();
  });
}

// ---- a generator

let latents = [];
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
const newPoint = () => Array.from({ length: model.latent_dim }, normal);

async function askForImage() {
  const inputs = { latents: [latents] };
  if (model.class_names) inputs.labels = [at("label").selectedIndex];
  const asked = model.name;
  const { outputs } = await fetchJson(`/v1/models/${encodeURIComponent(asked)}:predict`,
    { method: "POST", body: JSON.stringify({ inputs }) });
  if (asked !== model.name) return;
  const image = outputs[0], canvas = at("generated");
  [canvas.height, canvas.width] = [image.length, image[0].length];
  const pixels = image.flat().flatMap((pixel) => pixel.length === 1 ? [pixel[0], pixel[0], pixel[0], 255] : [...pixel, 255]);
  canvas.getContext("2d").putImageData(new ImageData(Uint8ClampedArray.from(pixels), canvas.width), 0, 0);
}

function setLatents(point) {
  latents = point;
  [...at("sliders").querySelectorAll("input")].forEach((input, index) => { input.value = point[index]; });
  ask();
}

function walk() {
  const from = [...latents], to = newPoint();
  move("walk", WALK_STEPS, (done) => { // along the sphere, where most points of a normal distribution are
    const one = Math.cos(done * Math.PI / 2), other = Math.sin(done * Math.PI / 2);
    setLatents(from.map((value, index) => one * value + other * to[index]));
  });
}

function prepareGenerator() {
  at("sliders").replaceChildren(...Array.from({ length: Math.min(MOST_SLIDERS, model.latent_dim) }, (_, index) =>
    slider(`${index + 1}`, -3, 3, (value) => { latents[index] = value; }, `Latent ${index + 1}`)));
  at("label-choice").hidden = !model.class_names;
  at("label").replaceChildren(...(model.class_names ?? []).map((name) => make("option", {}, name)));
  setLatents(newPoint());
}

// ---- any other model

function example({ dtype, shape }) {
  const sizes = (shape ?? [null]).map((size) => size ?? 1), value = dtype === "string" ? "text" : 0;
  return sizes.reduceRight((inner, size) => Array.from({ length: Math.min(size, 64) }, () => inner), value);
}

async function askPlainly() {
  const answer = await fetchJson(`/v1/models/${encodeURIComponent(model.name)}:predict`,
    { method: "POST", body: at("request").value });
  at("answer").textContent = JSON.stringify(answer, null, 1);
}

// ---- which model

function choose(name) {
  stopMoving();
  model = models.find((one) => one.name === name);
  const takesPictures = ["classifier", "detector", "segmenter", "captioner", "painter", "animator"].includes(model.task);
  const looked = ["input", model.unit_names ? "dials" : "said", "seen"];
  const shown = takesPictures ? looked : model.task === "generator" ? ["latents"] : ["plain"];
  for (const id of INPUTS) at(id).hidden = !shown.includes(id);
  for (const id of ["views", "bars", "found", "maps"]) at(id).replaceChildren(); // what another model has said
  at("verdict").textContent = "";
  const [height, width, channels] = model.image_shape ?? [];
  at("about").textContent = `${model.name}, version ${model.version}: ${model.task}` +
    (model.image_shape ? `, images of ${width ?? "any"} × ${height ?? "any"} × ${channels}, 0 to 255` : "") +
    (model.polarity ? `, trained on images that are ${model.polarity}` : "");
  at("no-inspect").hidden = model.task !== "classifier" || model.inspects;
  if (takesPictures) {
    ask = latest(askAboutPicture);
    at("ink-label").hidden = channels === 1;
    at("input-title").textContent = model.unit_names ? "Drop a picture of a face" : "Draw, or drop a picture";
    at("seen-title").textContent = ["painter", "animator"].includes(model.task) ? "What it received, and what it made"
      : "What it received, and where it looks";
    if (model.unit_names) prepareDials();
    at("pen").value = Math.round(Math.min(64, Math.max(22, 1.1 * SIDE / (height ?? SIDE))));
    clear();
  } else if (model.task === "generator") {
    ask = latest(askForImage);
    prepareGenerator();
  } else {
    ask = latest(askPlainly);
    const inputs = Object.entries(model.inputs).map(([input, spec]) => [input, example(spec)]);
    at("request").value = JSON.stringify({ inputs: Object.fromEntries(inputs) });
    at("answer").textContent = "";
  }
}

async function findModels() {
  const told = await fetchJson("/page/models");
  models = told.models;
  at("choice").hidden = models.length < 2;
  at("model").replaceChildren(...models.map((one) => make("option", { value: one.name }, one.name)));
  if (model === null && models.length) choose(models[0].name);
  return told;
}

// ---- a run

const SVG = "http://www.w3.org/2000/svg";

function drawn(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

const SAID = { learning_rate: "learning rate as each epoch begins" };

const short = (value) => value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 10000) ? value.toExponential(1)
  : Number(value.toPrecision(3)).toString();

function curve(name, lines, unit, numbers) {
  const values = lines.flatMap(([, column]) => column).filter((value) => value !== null);
  const least = Math.min(...values), most = Math.max(...values), last = Math.max(1, numbers.length - 1);
  const x = (index) => 46 + 260 * index / last, y = (value) => 132 - 116 * (value - least) / (most - least || 1);
  const svg = drawn("svg", { viewBox: "0 0 320 160", role: "img", "aria-label": `${name} by ${unit}` });
  svg.append(drawn("text", { x: 2, y: 20 }, short(most)), drawn("text", { x: 2, y: 135 }, short(least)),
    drawn("text", { x: 46, y: 154 }, `${unit} ${numbers[0]}`),
    drawn("text", { x: 306, y: 154, "text-anchor": "end" }, `${numbers.at(-1)}`),
    drawn("path", { d: "M46 12V132H306", fill: "none", stroke: "var(--line)" }));
  lines.forEach(([label, column], place) => {
    const color = place ? "var(--warn)" : "var(--accent)";
    const points = column.map((value, index) => value === null ? "" : `${x(index)},${y(value)}`).filter(Boolean);
    svg.append(drawn("polyline", { points: points.join(" "), fill: "none", stroke: color, "stroke-width": 2,
      "stroke-dasharray": place ? "5 3" : "none" }));
    if (points.length === 1) svg.append(drawn("circle", { cx: x(0), cy: y(values[0]), r: 3, fill: color }));
  });
  const kinds = lines.map(([label, column], place) =>
    `${label}${place ? " (dashed)" : ""}: ${column.at(-1) === null ? "NaN" : short(column.at(-1))}`);
  return make("figure", {}, svg, make("figcaption", {}, kinds.join(", ")));
}

const NO_CURVES = ["seconds", "height", "width"];

function showCurves(unit, { [unit]: numbers, ...columns }) {
  if (!numbers.length) return;
  const names = Object.keys(columns).filter((name) => !name.startsWith("val_") && !NO_CURVES.includes(name));
  at("curves").replaceChildren(...names.map((name) => {
    const both = [name, `val_${name}`].filter((one) => one in columns);
    return curve(name, both.map((one) => [SAID[one] ?? one, columns[one]]), unit, unit === "epoch" ? numbers.map((number) => number + 1) : numbers);
  }));
}

function showNorms({ step, ...layers }) {
  const logs = Object.values(layers).flat().filter((value) => value > 0).map(Math.log10);
  at("norms").hidden = !logs.length;
  if (!logs.length) return;
  const least = logs.reduce((one, other) => Math.min(one, other)), most = logs.reduce((one, other) => Math.max(one, other));
  at("norm-rows").replaceChildren(...Object.entries(layers).map(([name, norms]) => {
    const canvas = make("canvas", { width: step.length, height: 1, ariaHidden: "true" }), ink = canvas.getContext("2d");
    norms.forEach((norm, index) => {
      const share = norm > 0 ? (Math.log10(norm) - least) / (most - least || 1) : 0;
      ink.fillStyle = `hsl(${250 - 200 * share} 70% ${18 + 60 * share}%)`;
      ink.fillRect(index, 0, 1, 1);
    });
    const last = norms.at(-1);
    return make("div", {}, make("span", { className: "name", title: name }, name), canvas,
      make("span", {}, last === null ? "NaN" : last.toExponential(1)));
  }));
}

function showFilm(written, epoch) {
  at("film").hidden = !written;
  at("film-picture").alt = `${epoch ? "Picture" : "Film"} of what the run makes`;
  at("film-caption").textContent = epoch ? `What the run makes after epoch ${epoch}; the film of all follows at the end`
    : "What the run makes, from its first pictures to its last";
  const source = `/page/run/film?${written}`; // a new address for a new film, so that the browser asks again
  if (written && at("film-picture").getAttribute("src") !== source) at("film-picture").src = source;
}

async function pollRun() {
  try {
    const run = await fetchJson("/page/run"), unit = "step" in run.history ? "step" : "epoch";
    const done = run.history[unit].length;
    at("run").hidden = false;
    at("progress").textContent = `${run.name}: ${run.kind}${run.model ? ` ${run.model}` : ""}` +
      `${run.data ? ` on ${run.data}` : ""}, ${done}${run.epochs ? ` of ${run.epochs}` : ""} ${unit}${(run.epochs ?? done) === 1 ? "" : "s"}` +
      `${run.finished ? ", finished" : run.stopped ? ", stopped before its end" : ""}`;
    showCurves(unit, run.history);
    showFilm(run.film, run.film_epoch);
    showNorms(run.gradient_norms);
    if (!models.length && run.finished) await findModels();
    waitFor(!run.going ? "" : done === 0 ? `the end of the first ${unit}, where the curves begin`
      : done < (run.epochs ?? Infinity) ? `the end of ${unit} ${done + 1}` : "the model");
    complain("");
  } catch (error) {
    waitFor("");
    complain(error.message);
  }
  setTimeout(pollRun, POLL_MS);
}

// ---- events

const board = at("cursor");
board.addEventListener("pointerdown", (event) => {
  board.setPointerCapture(event.pointerId);
  pen.last = null;
  [pen.x, pen.y] = place(event);
  stroke(pen.x, pen.y);
});
board.addEventListener("pointermove", (event) => {
  if (!board.hasPointerCapture(event.pointerId)) return;
  for (const one of event.getCoalescedEvents?.() ?? [event]) stroke(...place(one));
  [pen.x, pen.y] = place(event);
});
board.addEventListener("keydown", onKey);
for (const name of ["focus", "blur", "pointerup"]) board.addEventListener(name, drawRing);
board.addEventListener("dragover", (event) => { event.preventDefault(); at("board").classList.add("over"); });
board.addEventListener("dragleave", () => at("board").classList.remove("over"));
board.addEventListener("drop", (event) => {
  event.preventDefault();
  at("board").classList.remove("over");
  take(event.dataTransfer.files[0]);
});
at("file").addEventListener("change", () => take(at("file").files[0]));
at("clear").addEventListener("click", clear);
at("invert").addEventListener("change", () => ask());
at("draw").addEventListener("click", () => { stopMoving(); setLatents(newPoint()); });
at("walk").addEventListener("click", walk);
at("play").addEventListener("click", play);
at("rest").addEventListener("click", () => { stopMoving(); setDials(dials.map(() => 0)); ask(); });
at("label").addEventListener("change", () => ask());
at("send").addEventListener("click", () => ask());
at("model").addEventListener("change", () => choose(at("model").value));

findModels().then((told) => {
  waitFor(told.run ? "what the run has written so far" : "");
  if (told.run) pollRun();
}).catch((error) => {
  waitFor("");
  complain(error.message);
});
