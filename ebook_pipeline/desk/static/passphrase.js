// A reader's passphrase never leaves the browser: its SHA-256 does (Readium LCP §4.2).
const form = document.querySelector("form[data-passphrase]");
const passphrase = document.getElementById("passphrase");

form.addEventListener("submit", async (event) => {
  if (!passphrase.value) return; // hashed already
  event.preventDefault();
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(passphrase.value));
  const hex = [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0"));
  form.elements.passphrase_sha256.value = hex.join("");
  passphrase.required = false;
  passphrase.value = "";
  setTimeout(() => form.requestSubmit()); // a form that is told of its submission submits no other
});
