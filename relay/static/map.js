// Draws the places of a device; the table beside the map says the same without it.

const box = document.getElementById("map");
const trouble = document.getElementById("map-trouble");

async function read(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

function describe({ properties }) {
  const text = document.createElement("div");
  const lines = [properties.label, properties.shown, properties.source_text];
  if (properties.radius_m) lines.push(`${box.dataset.wordRadius} ${Math.round(properties.radius_m)} m`);
  for (const line of lines.filter(Boolean)) {
    text.append(Object.assign(document.createElement("div"), { textContent: line }));
  }
  return text;
}

function spot(feature, className) {
  const [lng, lat] = feature.geometry.coordinates;
  const radius = className.includes("last") ? 9 : 5;
  return L.circleMarker([lat, lng], { radius, className }).bindPopup(() => describe(feature));
}

// Where the device stands for good, which is no step of its way.
function fixedMark(feature) {
  const [lng, lat] = feature.geometry.coordinates;
  const icon = L.divIcon({ className: "fixed-mark", iconSize: [18, 18] });
  const title = [feature.properties.label, feature.properties.source_text].filter(Boolean).join(" · ");
  return L.marker([lat, lng], { icon, title, alt: title }).bindPopup(() => describe(feature));
}

function drawPlaces(map, features) {
  const bounds = L.latLngBounds(features.map(({ geometry: { coordinates: [lng, lat] } }) => [lat, lng]));
  const told = features.filter(({ properties }) => !properties.fixed);
  if (told.length) drawWay(map, told, bounds);
  map.fitBounds(bounds, { padding: [30, 30], maxZoom: box.dataset.tiles ? 15 : 7 });
  for (const feature of features) if (feature.properties.fixed) fixedMark(feature).addTo(map);
}

function drawWay(map, features, bounds) {
  const places = features.map(({ geometry: { coordinates: [lng, lat] } }) => [lat, lng]);
  const last = features[0];
  const radius = last.properties.radius_m;
  if (radius) bounds.extend(L.latLng(places[0]).toBounds(2 * radius));
  if (radius) L.circle(places[0], { radius, className: "around", interactive: false }).addTo(map);
  L.polyline(places, { className: "track", interactive: false }).addTo(map);
  for (const feature of features.slice(1).reverse()) spot(feature, "spot").addTo(map);
  spot(last, "spot last").addTo(map);
}

async function drawGround(map) {
  if (box.dataset.tiles) {
    const tiles = L.tileLayer(box.dataset.tiles, { attribution: box.dataset.attribution, maxZoom: map.getMaxZoom() });
    tiles.on("tileerror", () => { trouble.hidden = false; }).addTo(map);
    return;
  }
  const outlines = await read(box.dataset.outlines);
  const countries = topojson.feature(outlines, outlines.objects.countries);
  const ground = L.geoJSON(countries, { interactive: false, style: { className: "land", smoothFactor: 0.3 }, attribution: "Natural Earth" });
  ground.addTo(map).bringToBack();
}

async function draw() {
  const { features } = await read(box.dataset.places);
  box.hidden = false;
  const map = L.map(box, {
    zoomControl: false,
    maxZoom: Number(box.dataset.maxZoom),
    worldCopyJump: true,
    zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  });
  map.attributionControl.setPrefix("Leaflet");
  L.control.zoom({ zoomInTitle: box.dataset.wordIn, zoomOutTitle: box.dataset.wordOut }).addTo(map);
  drawPlaces(map, features);
  await drawGround(map).catch(() => { trouble.hidden = false; });
  box.dataset.drawn = features.length;
}

draw();
