// The phones' page: search, amounts read back, posts that outlive a lost network, and the news.
// Everything that comes as HTML was made and escaped by the server; the rest is set as text.
(() => {
  "use strict";
  const main = document.querySelector("main");
  const words = JSON.parse(main.dataset.words);
  const base = `${main.dataset.root}osallistu`;
  const language = document.documentElement.lang;
  const $ = (id) => document.getElementById(id);
  const form = $("post");
  const fields = $("fields");
  const KEPT = ["suunta", "haku", "materiaali", "maara", "kunta", "lisatieto"];
  const DRAFT = `osallistu-draft-${main.dataset.code}`;
  const OUTBOX = `osallistu-outbox-${main.dataset.code}`;
  const NEWS_MS = 2000;
  const RETRY_MS = 4000;
  const PATIENCE_MS = 20000; // matches may queue behind those of a whole hall

  const say = (text, values = {}) =>
    Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);

  // A phone without storage still sends; it only forgets when the page is closed.
  const memory = {};
  const store = {
    get(key) {
      try {
        return JSON.parse(localStorage.getItem(key));
      } catch {
        return memory[key] ?? null;
      }
    },
    set(key, value) {
      memory[key] = value;
      try {
        localStorage.setItem(key, JSON.stringify(value));
      } catch {
        // private mode, or full
      }
    },
    drop(key) {
      delete memory[key];
      try {
        localStorage.removeItem(key);
      } catch {
        // as above
      }
    },
  };

  // crypto.randomUUID exists on https only; a village hall has plain http.
  const newId = () =>
    [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");

  async function ask(path, values, body) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    const query = new URLSearchParams({ ...values, kieli: language });
    try {
      const answer = await fetch(`${base}/${path}?${query}`, {
        method: body ? "POST" : "GET",
        body: body && new URLSearchParams(body),
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        signal: stop.signal,
      });
      return { status: answer.status, ...(await answer.json()) };
    } catch {
      return { status: 0 };
    } finally {
      clearTimeout(timer);
    }
  }

  // Only what has changed is drawn anew: the keyboard keeps its place, and nothing is read twice.
  function draw(element, html) {
    if (html === undefined || element.drawn === html) return;
    element.drawn = html;
    element.innerHTML = html;
  }

  // --- what is typed ---

  const value = (name) => form.elements[name]?.value ?? "";
  const typed = () => Object.fromEntries(KEPT.map((name) => [name, value(name)]));

  function fill(values) {
    for (const name of KEPT) {
      if (values[name] !== undefined && form.elements[name]) form.elements[name].value = values[name];
    }
    understand();
    search();
  }

  function empty() {
    const place = value("kunta"); // the next post is most often from the same place
    form.reset();
    fill({ suunta: "", haku: "", materiaali: "", maara: "", kunta: place, lisatieto: "" });
    for (const choice of form.elements.suunta) choice.checked = false;
    store.drop(DRAFT);
    form.elements.viesti.value = newId();
  }

  // --- material ---

  let searched = "";
  const later = {};
  function soon(name, work, wait = 200) {
    clearTimeout(later[name]);
    later[name] = setTimeout(work, wait);
  }

  async function search() {
    const text = value("haku").trim();
    if (text === searched) return;
    searched = text;
    if (text.length < 3) {
      showHits([], "");
      return;
    }
    const answer = await ask("materiaalit", { q: text });
    if (text !== value("haku").trim()) return;
    if (answer.status !== 200) {
      searched = "";
      showHits([], words.search_offline);
      $("list").open = true;
      return;
    }
    const count = answer.hits.length;
    showHits(answer.hits, count ? say(words.hits, { count }) : words.no_hits);
  }

  function showHits(hits, text) {
    const box = $("hits");
    box.replaceChildren(box.querySelector("legend"));
    const choices = hits.length ? [...hits, { key: "", name: words.none_of_these, word: "" }] : [];
    for (const hit of choices) {
      const label = document.createElement("label");
      label.className = "hit";
      const radio = document.createElement("input");
      radio.type = "radio";
      radio.name = "osuma";
      radio.value = hit.key;
      radio.checked = hit.key !== "" && hit.key === value("materiaali");
      radio.addEventListener("change", () => {
        form.elements.materiaali.value = hit.key;
        say_sent("");
        keep();
      });
      const name = document.createElement("span");
      name.textContent = hit.word ? `${hit.name} (${hit.word})` : hit.name;
      label.append(radio, name);
      box.append(label);
    }
    box.dataset.of = value("haku").trim();
    box.disabled = false;
    box.hidden = !choices.length;
    $("found").textContent = text;
  }

  // Results of other words than stand there can't be tapped, nor stay chosen.
  function outdate() {
    const box = $("hits");
    box.disabled = value("haku").trim() !== box.dataset.of;
    for (const radio of box.querySelectorAll("input")) radio.checked = false;
  }

  const picked = () => form.querySelector('input[name="osuma"]:checked');

  // --- amount ---

  let read = "";
  async function understand() {
    const text = value("maara").trim();
    if (text === read) return;
    read = text;
    if (!text) {
      $("understood").textContent = "";
      return;
    }
    const answer = await ask("maara", { q: text });
    if (text !== value("maara").trim()) return;
    if (answer.status !== 200) read = "";
    $("understood").textContent = answer.text ?? "";
  }

  function chip(button) {
    const field = form.elements.maara;
    if (button.dataset.amount) {
      field.value = button.dataset.amount;
    } else {
      const number = field.value.match(/^[\d\s.,–-]*/)[0].trim();
      field.value = `${number} ${button.dataset.unit}`;
      field.focus();
      field.setSelectionRange(number.length, number.length);
      if (!number) return; // it is understood once there is a number
    }
    understand();
    keep();
  }

  // --- sending ---

  // The phone is in no workshop any more: only a code helps, so nothing else is left to press.
  function isOut(answer) {
    if (answer.code !== "gone" && answer.code !== "not_joined") return false;
    if (answer.code === "gone") for (const kept of [OUTBOX, DRAFT]) store.drop(kept);
    for (const part of main.children) part.hidden = part.tagName !== "H1";
    $("again").hidden = false;
    tellConnection(answer.error);
    return true;
  }

  function keep() {
    if (!store.get(OUTBOX)) store.set(DRAFT, typed());
  }

  function say_sent(text, wrong = false) {
    $("sent").textContent = text;
    $("sent").classList.toggle("error", wrong);
  }

  let sending = false;
  // A post waits here until the server has it. It keeps its id, so the server takes it once.
  async function flush() {
    const post = store.get(OUTBOX);
    if (!post || sending) return;
    sending = true;
    fields.disabled = $("send").disabled = true;
    say_sent(words.sending);
    const answer = await ask("ilmoitus", {}, post);
    sending = false;
    if (isOut(answer)) return;
    if (answer.status === 200) {
      store.drop(OUTBOX);
      release();
      empty();
      draw($("mine"), answer.mine);
      draw($("vastineet"), answer.matches);
      say_sent(words.sent);
      $("vastineet").focus();
    } else if (answer.code === "too_fast") {
      soon("flush", flush, NEWS_MS);
    } else if (answer.status === 0 || answer.status >= 500) {
      say_sent(words.stored_offline);
      $("send").disabled = false; // to try at once
      soon("flush", flush, RETRY_MS);
    } else {
      store.drop(OUTBOX);
      release();
      form.elements.viesti.value = newId();
      keep();
      say_sent(answer.error ?? "", true);
    }
  }

  function release() {
    fields.disabled = false;
    $("send").disabled = closed;
  }

  function submit(event) {
    event.preventDefault();
    if (store.get(OUTBOX)) {
      flush();
      return;
    }
    if (!value("suunta")) {
      say_sent(words.choose_direction, true);
      return;
    }
    const unpicked = !$("hits").hidden && !picked() && !value("materiaali");
    if (unpicked) {
      say_sent(words.pick_one, true);
      $("hits").scrollIntoView({ block: "center" });
      return;
    }
    store.set(OUTBOX, { ...typed(), viesti: value("viesti") });
    store.drop(DRAFT);
    flush();
  }

  // --- the candidate shown ---

  let vote = null;
  async function sendVote() {
    if (!vote) return;
    const sent = vote;
    const answer = await ask("aani", {}, sent);
    if (vote !== sent || isOut(answer)) return;
    if (answer.status === 0 || answer.status >= 500) {
      tellVote(words.vote_waits);
      return; // the next news that get through send it
    }
    vote = null;
    draw($("candidate"), answer.candidate);
    if (answer.error) tellVote(answer.error);
    else $("candidate").querySelector('[aria-pressed="true"]')?.focus();
  }

  function tellVote(text) {
    const line = $("candidate").querySelector(".said");
    if (line) line.textContent = text;
  }

  // --- news ---

  let pulse = main.dataset.pulse;
  let closed = !$("closed").hidden;
  let asking = false;

  function tellConnection(text) {
    if ($("connection").textContent !== text) $("connection").textContent = text;
    $("connection").hidden = !text;
  }

  async function news() {
    clearTimeout(later.news);
    if (document.visibilityState !== "visible" || asking) return;
    asking = true;
    const answer = await ask("tila", { pulssi: pulse });
    asking = false;
    if (isOut(answer)) return;
    const reached = answer.status === 200;
    tellConnection(reached ? "" : words.no_connection);
    if (reached) {
      pulse = answer.pulse;
      if (answer.open !== undefined) {
        closed = !answer.open;
        $("closed").hidden = !closed;
        if (!store.get(OUTBOX)) release();
        if (!vote) draw($("candidate"), answer.candidate);
        draw($("mine"), answer.mine);
      }
      sendVote();
      flush();
    }
    soon("news", news, reached ? NEWS_MS : RETRY_MS);
  }

  // --- start ---

  $("search").hidden = $("chips").hidden = false;
  $("list").open = false;
  for (const id of ["candidate", "mine", "vastineet"]) $(id).drawn = $(id).innerHTML;
  if (new URLSearchParams(location.search).has("koodi")) {
    history.replaceState(null, "", `${base}?kieli=${language}`); // a reload joins no second time
  }

  form.noValidate = true;
  form.addEventListener("submit", submit);
  form.addEventListener("input", (event) => {
    if (event.target.name === "haku") {
      form.elements.materiaali.value = "";
      outdate();
      soon("search", search);
    }
    if (event.target.name === "maara") soon("understand", understand, 400);
    say_sent("");
    keep();
  });
  form.addEventListener("keydown", (event) => {
    // The phone's own "search" key searches; it does not send a post that is half made.
    if (event.key === "Enter" && event.target.name === "haku") {
      event.preventDefault();
      event.target.blur();
      search();
    }
  });
  $("chips").addEventListener("click", (event) => {
    if (event.target.matches("button")) chip(event.target);
  });
  $("candidate").addEventListener("submit", (event) => {
    event.preventDefault();
    const ballot = event.target.elements.ehdokas.value;
    vote = { ehdokas: ballot, aani: event.submitter.value };
    sendVote();
  });
  window.addEventListener("online", () => {
    news();
    flush();
  });
  window.addEventListener("offline", () => tellConnection(words.no_connection));
  document.addEventListener("visibilitychange", news);

  const waiting = store.get(OUTBOX);
  const draft = waiting ?? store.get(DRAFT);
  if (draft) fill(draft);
  if (waiting) form.elements.viesti.value = waiting.viesti;
  release();
  flush();
  soon("news", news, NEWS_MS);
})();
