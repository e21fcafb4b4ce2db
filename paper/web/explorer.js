// The explorer: counts, rates and alarms at a threshold and a share of attacks, from the points that the build computed.
// Without it the page shows the state that it opens with as a table.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("explore");
  const given = document.getElementById("explore-data");
  if (!place || !given) return;
  const { data: origin, start, flows, stops, words, curves } = JSON.parse(given.textContent);
  const KINDS = ["condition", "features", "model"];
  const control = (name) => document.getElementById(`explore-${name}`);
  const shown = (name) => place.querySelector(`[data-of="${name}"]`);
  const note = place.querySelector(".explore-note");
  const live = place.querySelector("[aria-live]");
  const NORMAL = 1.959963984540054; // quantile of the normal distribution at 0.975
  const TAIL = 0.025;
  let curve = null;
  let state = null;
  let timer = 0;

  // A share of n flows with the ends of its interval: Wilson's, without a success Clopper's and Pearson's.
  function rate(found, share, n) {
    if (!found) return [0, 0, 1 - TAIL ** (1 / Math.max(Math.trunc(n), 1))];
    const squared = NORMAL ** 2;
    const centre = (share + squared / (2 * n)) / (1 + squared / n);
    const reach = (NORMAL * Math.sqrt((share * (1 - share)) / n + squared / (4 * n ** 2))) / (1 + squared / n);
    return [share, Math.min(Math.max(centre - reach, 0), share), Math.max(Math.min(centre + reach, 1), share)];
  }

  // Share of true alarms by Bayes' rule.
  function precision(recall, fpr, prevalence) {
    const right = prevalence * recall;
    return right ? right / (right + (1 - prevalence) * fpr) : 0;
  }

  function measures({ point, prevalence }) {
    const [tp, fp] = [curve.tp[point], curve.fp[point]];
    const [attacks, benign] = curve.effective || [curve.attacks, curve.benign];
    const recall = rate(tp, curve.recall ? curve.recall[point] : tp / curve.attacks, attacks);
    const fpr = rate(fp, curve.fpr ? curve.fpr[point] : fp / curve.benign, benign);
    return {
      counts: { tp, fp, fn: curve.attacks - tp, tn: curve.benign - fp },
      recall,
      fpr,
      // The band: least recall with most false alarms, and the other way round.
      precision: [[0, 0], [1, 2], [2, 1]].map(([r, f]) => precision(recall[r], fpr[f], prevalence)),
      alarms: fpr.map((one) => flows * (1 - prevalence) * one),
    };
  }

  const whole = (value) => Math.round(value).toLocaleString("en-GB");
  // As the paper shows it: a number that is not 0 or 1 does not read so, but as a bound.
  function rounded(value, scale, digits, unit) {
    const said = (one) => `${one.toFixed(digits)}${unit}`;
    const [text, step] = [said(scale * value), 10 ** -digits];
    if (text === said(0) && value > 1e-12) return `<\u202f${said(step)}`;
    if (text === said(scale) && value < 1 - 1e-12) return `>\u202f${said(scale - step)}`;
    return text;
  }
  const fixed = (value) => rounded(value, 1, 3, "");
  const percent = (value) => rounded(value, 100, 2, "%");
  const share = (value) => `${Number((100 * value).toPrecision(3))}%`;
  const FORMS = { recall: fixed, fpr: percent, precision: fixed, alarms: whole };

  function matching(wanted) {
    return curves.filter((one) => KINDS.every((kind) => wanted[kind] === undefined || one[kind] === wanted[kind]));
  }

  // Each list holds what there is, given what was chosen in the lists before it; a choice that is not there gives way.
  function choose(wanted) {
    const chosen = {};
    KINDS.forEach((kind) => {
      const there = [...new Set(matching(chosen).map((one) => one[kind]))];
      const all = Object.keys(words[kind]).filter((key) => there.includes(key));
      chosen[kind] = all.includes(wanted[kind]) ? wanted[kind] : all.includes(start[kind]) ? start[kind] : all[0];
      control(kind).replaceChildren(...all.map((key) => new Option(words[kind][key], key, false, key === chosen[kind])));
    });
    return matching(chosen)[0];
  }

  // The place of the entry of a list that is nearest to a number.
  function nearest(list, value) {
    return list.reduce((best, one, i) => (Math.abs(one - value) < Math.abs(list[best] - value) ? i : best), 0);
  }

  function address() {
    const told = KINDS.map((kind) => [kind, curve[kind]]);
    return `#explore?${new URLSearchParams([...told, ["threshold", curve.t[state.point]], ["prevalence", state.prevalence]])}`;
  }

  function show() {
    const found = measures(state);
    const said = { threshold: String(curve.t[state.point]), prevalence: share(state.prevalence) };
    Object.entries(said).forEach(([name, text]) => {
      shown(name).textContent = text;
      control(name).setAttribute("aria-valuetext", text);
    });
    Object.entries(found.counts).forEach(([name, count]) => {
      shown(name).value = count;
      shown(name).textContent = whole(count);
    });
    Object.entries(FORMS).forEach(([name, form]) => {
      const [value, low, high] = found[name];
      shown(name).value = value;
      shown(name).textContent = form(value);
      shown(`${name}-interval`).textContent = `[${form(low)}, ${form(high)}]`;
      shown(`${name}-interval`).dataset.ends = `${low} ${high}`;
    });
    const own = state.point === curve.own ? " The threshold is the model’s own." : "";
    const weighed = curve.effective ? " Rates are weighted to the label shares of the release." : "";
    note.textContent = `${whole(flows)} flows a day are supposed. Intervals are for 95%.${own}${weighed}`;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const parts = ["precision", "recall", "alarms"].map((name) => {
        const title = { precision: "Precision", recall: "recall", alarms: "false alarms a day" }[name];
        return `${title} ${shown(name).textContent} ${shown(`${name}-interval`).textContent}`;
      });
      live.textContent = `${parts.join(", ")}.`;
    }, 500);
  }

  function set(wanted, point, prevalence) {
    curve = choose(wanted);
    state = { point: point === undefined ? curve.own : nearest(curve.t, point), prevalence };
    control("threshold").max = curve.t.length - 1;
    // Thresholds are listed from the highest; the slider goes up to it.
    control("threshold").value = curve.t.length - 1 - state.point;
    control("prevalence").max = stops.length - 1;
    control("prevalence").value = stops.indexOf(prevalence);
    show();
  }

  function restore() {
    if (!location.hash.startsWith("#explore?")) return false;
    const asked = new URLSearchParams(location.hash.slice("#explore?".length));
    const number = (name) => (asked.get(name) && Number.isFinite(Number(asked.get(name))) ? Number(asked.get(name)) : undefined);
    const share = number("prevalence") ?? start.prevalence;
    const threshold = number("threshold");
    set(Object.fromEntries(asked), threshold, stops[nearest(stops, share)]);
    const same = KINDS.every((kind) => asked.get(kind) === curve[kind]);
    if (!same || threshold !== curve.t[state.point] || share !== state.prevalence)
      note.textContent = "This copy has no such state; the nearest is shown.";
    place.scrollIntoView();
    return true;
  }

  const keep = () => history.replaceState(null, "", address());
  KINDS.forEach((kind) =>
    control(kind).addEventListener("change", () => {
      set(Object.fromEntries(KINDS.map((one) => [one, control(one).value])), undefined, state.prevalence);
      keep();
    }),
  );
  control("threshold").addEventListener("input", (event) => {
    state.point = curve.t.length - 1 - Number(event.target.value);
    show();
  });
  control("prevalence").addEventListener("input", (event) => {
    state.prevalence = stops[Number(event.target.value)];
    show();
  });
  ["threshold", "prevalence"].forEach((name) => control(name).addEventListener("change", keep));
  const actions = {
    own: () => set(curve, undefined, state.prevalence),
    start: () => set(start, undefined, start.prevalence),
    link: () =>
      navigator.clipboard.writeText(location.href.split("#")[0] + address()).then(
        () => (note.textContent = "The link is copied."),
        () => (note.textContent = "The browser did not allow it: the link stands in the address line."),
      ),
  };
  place.querySelectorAll("[data-do]").forEach((button) =>
    button.addEventListener("click", () => {
      actions[button.dataset.do]();
      keep();
    }),
  );
  document.getElementById("explore-title").textContent = `Explorer: ${origin}`;
  window.addEventListener("hashchange", restore);
  if (!restore()) set(start, undefined, start.prevalence);
});
