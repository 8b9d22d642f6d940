// What Streamlit's page lacks for screen readers and keyboards: the language that it is in, and a
// first stop that leads past the navigation and the filters.
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
})();
