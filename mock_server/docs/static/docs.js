// Shows one document in Swagger UI, where each request is sent as the chosen person.
"use strict";

const form = document.getElementById("choice");
const { spec: address, scheme } = form.dataset;
const chosen = () => form.elements.as.selectedOptions[0].dataset;

// Puts what works for the person in place of the document's own examples, in parameters and in bodies of requests. An optional
// parameter is left to whoever tries it out: as a filter, an example would find nothing.
function fill(node, examples) {
  if (node === null || typeof node !== "object") return;
  if (node.in && node.name in examples) node.example = node.schema?.type === "string" ? `${examples[node.name]}` : examples[node.name];
  else if (node.in && !node.required) delete node.example;
  for (const media of Object.values(node.requestBody?.content ?? {})) {
    for (const body of [media.example, ...Object.values(media.examples ?? {}).map((named) => named.value)]) {
      for (const name of Object.keys(body ?? {})) if (name in examples) body[name] = examples[name];
    }
  }
  Object.values(node).forEach((part) => fill(part, examples));
}

async function show() {
  const spec = await (await fetch(address)).json();
  fill(spec, JSON.parse(chosen().examples ?? "{}"));
  const ui = SwaggerUIBundle({
    spec,
    dom_id: "#docs",
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    // What is chosen above decides who asks, not a cookie that the browser has.
    requestInterceptor: (request) => Object.assign(request, { credentials: "omit" }),
    onComplete: logIn,
  });

  function logIn() {
    const { bearer } = chosen();
    if (bearer) ui.preauthorizeApiKey(scheme, bearer);
    else ui.authActions.logout([scheme]);
  }

  form.elements.as.addEventListener("change", () => {
    logIn();
    const query = new URLSearchParams({ api: form.elements.api.value, as: form.elements.as.value });
    history.replaceState(null, "", `?${query}${location.hash}`);
  });
}

form.elements.api.addEventListener("change", () => {
  form.elements.as.disabled = true; // people are those of one API
  form.requestSubmit();
});
form.elements.session.addEventListener("change", () => form.requestSubmit());

const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", paint);
paint();
show();
