"""What each element of a text becomes in HTML. The sanitiser lets through the classes that are written here."""

from collections.abc import Sequence
from html import escape
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from blog.markup.arrangement import Arrangement, words_of
from blog.markup.highlighting import language_of
from blog.markup.pictures import WAITING, html_of, key_of, written
from blog.markup.raw_html import SCROLLING, TABLE_BEGINS, TABLE_ENDS

Tokens = Sequence[Token]

ALIGNMENT = {"text-align:left": "left", "text-align:center": "center", "text-align:right": "right"}


def arrangement(env: EnvType) -> Arrangement:
    found: Arrangement = env["arrangement"]
    return found


class Elements(RendererHTML):
    def heading_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<div class="heading"><{tokens[idx].tag} id="{tokens[idx].meta["id"]}">'

    def heading_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        meta = tokens[idx].meta
        label = escape(f"Link to the section {meta['title']}")
        link = f'<a class="heading-link" href="#{meta["id"]}" aria-label="{label}"></a>'
        return f"</{tokens[idx].tag}>{link}</div>\n"

    def image(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        words, attributes = words_of(tokens[idx].children), tokens[idx].attrs
        source, titled = str(attributes.get("src", "")), {}
        if "title" in attributes:
            titled = {"title": str(attributes["title"])}
        key = key_of(source)
        if not source or (key and key not in arrangement(env).pictures):
            return escape(words)
        if key:
            return html_of(arrangement(env).pictures[key], {"alt": words, **titled})
        return f"<img{written({'src': source, 'alt': words, **titled})}{WAITING}>"

    def figure_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<figcaption>{escape(tokens[idx].content)}</figcaption></figure>\n"

    def table_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"{TABLE_BEGINS}<table>\n"

    def table_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"</table>{TABLE_ENDS}\n"

    def td_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        tag, alignment = tokens[idx].tag, ALIGNMENT.get(str(tokens[idx].attrs.get("style")))
        return f'<{tag} class="align-{alignment}">' if alignment else f"<{tag}>"

    th_open = td_open

    def contents(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        return arrangement(env).outline.contents()

    def bullet_list_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        if tokens[idx].attrs.get("class"):
            tokens[idx].attrs["class"] = "task-list"
        return self.renderToken(tokens, idx, options, env)

    ordered_list_open = bullet_list_open

    def list_item_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        item = self.renderToken(tokens, idx, options, env)
        if tokens[idx].meta.get("box_alone"):
            return item + box(tokens[idx].meta["checked"], label=' aria-label="Task"')
        return item

    def task_box(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        return box(tokens[idx].meta["checked"])

    def fence(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        language = language_of(tokens[idx].info)
        shown = arrangement(env).code.html(tokens[idx].content, language)
        attribute = f' data-language="{language}"' if language else ""
        return f"<pre{SCROLLING}{attribute}><code>{shown}</code></pre>\n"

    def code_block(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<pre{SCROLLING}><code>{escape(tokens[idx].content)}</code></pre>\n"

    def math_inline(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        display = "block" if tokens[idx].markup == "$$" else "inline"
        source = tokens[idx].content
        marker = arrangement(env).formulas.marker(source, display)
        if marker is None:
            return f'<code class="math-source">{escape(source)}</code>'
        return f'<span class="math" data-source="{escape(source)}">{marker}</span>'

    math_inline_double = math_inline

    def math_block(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        source = tokens[idx].content.strip()
        marker = arrangement(env).formulas.marker(source, "block")
        if marker is None:
            return f'<pre class="math-source" tabindex="0"><code>{escape(source)}</code></pre>\n'
        attributes = 'class="math" role="group" aria-label="Formula" tabindex="0"'
        return f'<div {attributes} data-source="{escape(source)}">{marker}</div>\n'

    def footnote_ref(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        note, reference = note_ids(tokens[idx].meta, env)
        number = tokens[idx].meta["id"] + 1
        attributes = f'href="#{note}" id="{reference}" role="doc-noteref" aria-label="Footnote {number}"'
        return f'<sup class="footnote-reference"><a {attributes}>{number}</a></sup>'

    def footnote_block_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        return '<div class="footnotes" role="doc-endnotes" aria-label="Footnotes"><ol>\n'

    def footnote_block_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</ol></div>\n"

    def footnote_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<li id="{note_ids(tokens[idx].meta, env)[0]}">'

    def footnote_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</li>\n"

    def footnote_anchor(self, tokens: Tokens, idx: int, options: OptionsDict, env: EnvType) -> str:
        reference = note_ids(tokens[idx].meta, env)[1]
        times = tokens[idx].meta["subId"] + 1
        label = "Back to the text" if times == 1 else f"Back to the text, place {times}"
        attributes = f'class="footnote-back" href="#{reference}" role="doc-backlink" aria-label="{label}"'
        # The second character keeps the arrow from being shown as an emoji.
        return f" <a {attributes}>↩\ufe0e</a>"


def box(checked: bool, label: str = "") -> str:
    return f'<input type="checkbox" disabled{" checked" if checked else ""}{label}> '


def note_ids(meta: dict[str, Any], env: EnvType) -> tuple[str, str]:
    """The ids of a footnote and of the place in the text that refers to it."""
    note = f"{arrangement(env).prefix}note-{meta['id'] + 1}"
    times = meta.get("subId", 0)
    return note, f"{note}-reference" + (f"-{times + 1}" if times else "")
