// What Streamlit's page lacks for screen readers and keyboards: the language that it is in, and a
// first stop that leads past the navigation and the filters; and it says what a filter has changed.
// What Streamlit says in English only (file fields, a lost connection) it says in that language.
(() => {
  const WHERE = '[data-testid="stFileUploader"], [role="dialog"], [role="tooltip"],'
    + ' [data-testid="stStatusWidget"], [data-testid="stDownloadButton"]';
  const told = document.currentScript.dataset;
  document.documentElement.lang = told.lang;
  let skip = document.getElementById("skip");
  if (!skip) {
    skip = document.createElement("button");
    skip.id = "skip";
    skip.addEventListener("click", () => {
      const heading = document.querySelector("h1");
      heading.tabIndex = -1;
      heading.focus();
    });
    document.body.prepend(skip);
  }
  skip.textContent = told.skip;
  // Another session under the same page: the server has forgotten what this page has typed.
  // At its first run it may not know yet who is there.
  skip.forgot ||= Boolean(skip.session) && skip.session !== told.session;
  skip.session = told.session;
  if (told.anew && skip.forgot) {
    skip.forgot = false;
    document.getElementById("anew")?.remove();
    const anew = document.createElement("div");
    anew.id = "anew";
    anew.setAttribute("role", "alert");
    const close = document.createElement("button");
    close.textContent = "OK";
    close.addEventListener("click", () => anew.remove());
    anew.append(told.anew, close);
    document.body.append(anew);
  }
  skip.own = JSON.parse(told.own).map(([english, ours]) => {
    const parts = english.split("{}").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return [new RegExp(`^${parts.join("(.+)")}$`), ours];
  });
  // By text: what Streamlit wrote there, and what stands there instead.
  skip.said ??= new WeakMap();
  const say = (text) => {
    const before = skip.said.get(text);
    const written = before?.shown === text.data ? before.written : text.data;
    const [pattern, ours] = skip.own.find(([english]) => english.test(written)) ?? [];
    const shown = pattern ? ours.replace("{}", () => written.match(pattern)[1]) : written;
    if (pattern) skip.said.set(text, {written, shown});
    if (shown !== text.data) text.data = shown;
  };
  const sayAll = (root) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) say(texts.currentNode);
  };
  document.querySelectorAll(WHERE).forEach(sayAll);
  if (document.getElementById("status")) return;
  // Only a region that is already there is read aloud when its text changes.
  const status = document.createElement("div");
  status.id = "status";
  status.setAttribute("role", "status");
  document.body.append(status);
  new MutationObserver(() => {
    const said = document.querySelector(".lead")?.textContent ?? "";
    if (said !== status.textContent) status.textContent = said;
  }).observe(document.getElementById("root"), {childList: true, characterData: true, subtree: true});
  new MutationObserver((changes) => {
    for (const {target, addedNodes} of changes) {
      if (target.nodeType === Node.TEXT_NODE) {
        if (target.parentElement?.closest(WHERE)) say(target);
        continue;
      }
      const inside = target.closest?.(WHERE);
      for (const added of addedNodes) {
        if (inside && added.nodeType === Node.TEXT_NODE) say(added);
        else if (inside || added.matches?.(WHERE)) sayAll(added);
        else added.querySelectorAll?.(WHERE).forEach(sayAll);
      }
    }
  }).observe(document.body, {childList: true, characterData: true, subtree: true});
})();
