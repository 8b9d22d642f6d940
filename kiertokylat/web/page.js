// What Streamlit's page lacks for screen readers and keyboards: the language that it is in, and a
// first stop that leads past the navigation and the filters; and it says what a filter has changed.
(() => {
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
})();
