// What is pasted becomes Markdown: cells of a table, a link over words, formatted text. Ctrl+Shift+V pastes it as it is.

import { subscribe } from "paste-markdown";

export function enhance(textarea) {
  subscribe(textarea);
  textarea.dataset.pastes = "markdown";
}
