"""What the head of a post's page says to programs: its address, structured data, and a picture to show with links."""

import hashlib
from typing import Any

from flask import current_app

from blog.assets import link_to
from blog.posts.drawing import DRAWING
from blog.posts.placing import PAGE
from blog.settings import site


def told(post: Any) -> dict[str, Any]:
    """Of a post that readers find in the lists: schema.org's BlogPosting, and the address of its picture."""
    picture = full("posts.picture", post_id=post.id, version=version_of(post.title, post.author_name))
    return {"posting": posting(post, picture), "picture": picture}


def full(endpoint: str, **values: Any) -> str:
    """The whole address of a page, as others may keep it."""
    return str(current_app.config["SITE_URL"]) + link_to(endpoint, **values)


def address_of(post: Any) -> str:
    """Of a post, or of a page."""
    return full("posts.page" if post.kind == PAGE else "posts.show", slug=post.slug)


def posting(post: Any, picture: str) -> dict[str, Any]:
    """https://schema.org/BlogPosting"""
    address = full("posts.show", slug=post.slug)
    authors = post.authors or [(post.author_name, post.author_username)]
    found = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "@id": full("posts.short", post_id=post.id),
        "url": address,
        "mainEntityOfPage": address,
        "headline": post.title,
        "description": post.excerpt,
        "image": picture,
        "datePublished": post.published_at.isoformat(),
        "dateModified": max(post.updated_at, post.published_at).isoformat(),
        "inLanguage": post.language or site().language,
        "wordCount": post.word_count,
        "keywords": [name for name, _ in post.tags],
        "author": [
            *(
                {"@type": "Person", "name": name, "url": full("lists.author", username=username)}
                for name, username in authors
            ),
            *({"@type": "Person", "name": name} for name in post.credited),
        ],
        "publisher": {"@type": "Organization", "name": site().title, "url": full("posts.home")},
    }
    return {name: value for name, value in found.items() if value}


def version_of(title: str, author: str) -> str:
    """Another one whenever the picture is another."""
    words = repr((DRAWING, title, author, site().title, site().theme_colour))
    return hashlib.sha256(words.encode()).hexdigest()[:12]
