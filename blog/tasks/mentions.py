"""People who are named in a text: `@name`."""

import re

from blog.accounts.models import key_of

# Neither in an address nor in code; a full stop at the end belongs to the sentence.
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
MENTION = re.compile(r"(?<![\w@/.+-])@(\w(?:[\w.-]{0,38}\w)?)")
MOST = 50


def mentioned_in(text: str) -> set[str]:
    """The keys of the usernames, of so many at most."""
    if "@" not in text:
        return set()
    found = dict.fromkeys(key_of(name) for name in MENTION.findall(CODE.sub(" ", text)))
    return set(list(found)[:MOST])
