"""Posts that are like another: what they share in tags, the rarer the more, and in the words that tell it from others.

Computed after a post was saved, by a worker, for both sides; what readers see of it is asked as a page is shown.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import nlargest
from math import log, log2
from typing import NamedTuple

from sqlalchemy import and_, delete, func, insert, literal, or_, select

from blog.db import Rows, db, one_at_a_time, transaction
from blog.jobs import every
from blog.posts.around import part
from blog.posts.following import follows
from blog.posts.models import Post, post_tags
from blog.posts.publishing import Status
from blog.posts.shown import shown, with_due_changes
from blog.prepared import AT, ID
from blog.search.index import sharing
from blog.search.models import Document, RelatedChange, RelatedPost
from blog.search.words import GAP

AT_ONCE = 20  # posts that one transaction relates
SHOWN = 3
KEPT = 10  # more than are shown: some may be drafts, or be taken back
SAMPLE = 500  # of the latest posts, which tell how rare a word is
READ = 6_000  # characters of a post's words that are compared
CANDIDATES = 60  # of the latest posts with the same tag, and of those with the same words
TELLING = 12  # words that tell a post from others
ASKED = 5  # of these, by which others are found
LEAST_SHARED = 2  # words; one may be by chance
LEAST_LIKENESS = 0.2  # of words, where no tag is shared
COUNTED = 1_000  # posts of one tag: it is common then
TAGS, WORDS = 3.0, 3.0  # how much a tag of only two posts counts, and all telling words together


@part
def related() -> Rows:
    """Those that readers see now, most alike first."""
    place = func.row_number().over(order_by=RelatedPost.most_alike).label("place")
    found = select(place, shown("title").label("name"), Post.slug.label("slug"))
    found = found.join(RelatedPost, RelatedPost.related_id == Post.id)
    found = with_due_changes(found, AT).where(RelatedPost.post_id == ID, Post.is_visible(AT))
    return found.order_by(*RelatedPost.most_alike).limit(SHOWN)


# Which are to be related


@every("search.relate", minutes=1, slow=True)
def relate_all() -> None:
    """Relate what was saved since, in a transaction for each twenty."""
    while relate_some():
        pass


def relate_some() -> int:
    """Relate the next that wait, those saved last first: how many they were."""
    with transaction():
        one_at_a_time("search.relate")
        newest = func.max(RelatedChange.id)
        noted = select(RelatedChange.post_id, newest.label("id")).group_by(RelatedChange.post_id)
        rows = db.session.execute(noted.order_by(newest.desc()).limit(AT_ONCE)).all()
        if rows:
            ids = [row.post_id for row in rows]
            relate(ids)
            done = RelatedChange.post_id.in_(ids) & (RelatedChange.id <= rows[0].id)
            db.session.execute(delete(RelatedChange).where(done))
    return len(rows)


@follows
def wait_again(post: Post) -> None:
    """What was related as a draft was not compared to other drafts."""
    db.session.execute(insert(RelatedChange).values(post_id=post.id))


def number_waiting() -> int:
    return db.session.scalar(select(func.count(RelatedChange.post_id.distinct()))) or 0


def wait_all() -> None:
    """Every post waits, as if it had just been saved."""
    db.session.execute(delete(RelatedChange))
    db.session.execute(
        insert(RelatedChange).from_select(["post_id"], select(Post.id).order_by(Post.id.asc()))
    )


# Relating them


def relate(ids: Sequence[int]) -> None:
    rarity = Rarity.of_latest()
    for post_id, text in texts_of(ids).items():
        telling = rarity.telling(text)
        leading_here = leading_to(post_id)
        others = {*leading_here, *tagged_alike(post_id), *found_by(post_id, list(telling)[:ASKED])}
        store(post_id, like(post_id, telling, others), leading_here)


def leading_to(post_id: int) -> Sequence[int]:
    """Posts that have this one among theirs, the most alike: whether it still belongs there is to be seen."""
    found = select(RelatedPost.post_id).where(RelatedPost.related_id == post_id)
    return db.session.scalars(found.order_by(RelatedPost.score.desc()).limit(CANDIDATES)).all()


def store(post_id: int, likenesses: Mapping[int, float], leading_here: Sequence[int]) -> None:
    """For both, so that an older post leads to this one as well."""
    best = nlargest(KEPT, likenesses, key=lambda other: (likenesses[other], other))
    leading = {*best, *(other for other in leading_here if other in likenesses)}
    theirs = (RelatedPost.related_id == post_id, RelatedPost.post_id.in_([*leading_here, *best]))
    db.session.execute(delete(RelatedPost).where(or_(RelatedPost.post_id == post_id, and_(*theirs))))
    pairs = [(post_id, other, likenesses[other]) for other in best]
    pairs += [(other, post_id, likenesses[other]) for other in leading]
    rows = [{"post_id": one, "related_id": other, "score": score} for one, other, score in pairs]
    if rows:
        db.session.execute(insert(RelatedPost), rows)


def like(post_id: int, telling: Mapping[str, float], others: Collection[int]) -> dict[int, float]:
    """How alike the others are; those that are hardly alike are left out."""
    by_tags = tags_shared(post_id, others)
    found = {}
    for other, words in texts_of(others).items():
        alike = likeness(telling, words)
        if other in by_tags or alike >= LEAST_LIKENESS:
            found[other] = by_tags.get(other, 0.0) + WORDS * alike
    return found


def likeness(telling: Mapping[str, float], words: Counter[str]) -> float:
    """From 0 to 1: which part of the telling words the other has, the rarer the more."""
    shared = [weight for word, weight in telling.items() if word in words]
    return sum(shared) / sum(telling.values()) if len(shared) >= LEAST_SHARED else 0.0


def texts_of(ids: Iterable[int]) -> dict[int, Counter[str]]:
    """How often each has each word, those of its title three times."""
    body = func.substr(Document.body, 1, READ).label("body")
    rows = db.session.execute(
        select(Document.post_id, Document.title, body).where(Document.post_id.in_(list(ids)))
    )
    return {row.post_id: counted(row.title, row.body) for row in rows}


def counted(title: str, body: str) -> Counter[str]:
    words = [*title.split() * 3, *body.split()]
    return Counter(word for word in words if word != GAP and not word.isdigit())


class Rarity(NamedTuple):
    """In how many of the latest posts each word is."""

    counts: Counter[str]
    total: int

    @classmethod
    def of_latest(cls) -> "Rarity":
        latest = select(Document.post_id).order_by(Document.post_id.desc()).limit(SAMPLE)
        texts = texts_of(db.session.scalars(latest).all())
        return cls(Counter(word for text in texts.values() for word in text), len(texts))

    def telling(self, text: Counter[str]) -> dict[str, float]:
        """The words that tell it from others, with their rarity; without those that no other post has."""
        is_whole = self.total < SAMPLE
        rare = {word: log((1 + self.total) / (1 + self.counts[word])) for word in text}
        some = [word for word in text if rare[word] > 0 and not (is_whole and self.counts[word] < 2)]
        best = nlargest(TELLING, some, key=lambda word: (text[word] * rare[word], word))
        return {word: rare[word] for word in best}


def tags_of(post_id: int) -> Sequence[int]:
    found = select(post_tags.c.tag_id).where(post_tags.c.post_id == post_id)
    return db.session.scalars(found.order_by(post_tags.c.tag_id)).all()


def tagged_alike(post_id: int) -> set[int]:
    """The latest posts of each tag of this one."""
    return {other for tag_id in tags_of(post_id) for other in latest_tagged(tag_id, post_id)}


def latest_tagged(tag_id: int, post_id: int) -> Sequence[int]:
    others = select(post_tags.c.post_id).where(post_tags.c.tag_id == tag_id)
    others = others.where(post_tags.c.listed_at.is_not(None), post_tags.c.post_id != post_id)
    return db.session.scalars(others.order_by(*Post.newest_tagged).limit(CANDIDATES)).all()


def tags_shared(post_id: int, others: Collection[int]) -> dict[int, float]:
    """What the tags that each shares with the post count together: the rarer, the more."""
    weights = {tag_id: TAGS / log2(max(2, tagged_with(tag_id))) for tag_id in tags_of(post_id)}
    shared = select(post_tags.c.post_id, post_tags.c.tag_id).where(post_tags.c.post_id.in_(list(others)))
    found: dict[int, float] = {}
    for row in db.session.execute(shared.where(post_tags.c.tag_id.in_(list(weights)))):
        found[row.post_id] = found.get(row.post_id, 0.0) + weights[row.tag_id]
    return found


def tagged_with(tag_id: int) -> int:
    """How many posts have the tag, of many only so many."""
    some = select(literal(1)).where(post_tags.c.tag_id == tag_id).limit(COUNTED)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def found_by(post_id: int, words: Sequence[str]) -> Sequence[int]:
    """The latest posts that have one of these words."""
    if not words:
        return []
    others = [Post.id != post_id, Post.status == Status.PUBLISHED]
    return db.session.scalars(sharing(words, Post, others, CANDIDATES)).all()
