"""`/stats/`: the numbers with their drawings, and each table as CSV. Editors see those of the site, authors their own."""

from flask import Response, render_template, request
from flask_login import current_user

from blog import sheets
from blog.access import permitted
from blog.errors import NotFound
from blog.stats import numbers
from blog.stats.tables import PERIODS, TABLES, USUAL_PERIOD, answer, asked_by
from blog.stats.views import stats


def asked_period() -> int:
    text = request.args.get("days", str(USUAL_PERIOD))
    if text not in map(str, PERIODS):
        raise NotFound
    return int(text)


@stats.get("/stats/")
@permitted("see statistics")
def numbers_page() -> str:
    """Six queries, however much there is."""
    period = asked_period()
    asked = asked_by(current_user, period)
    found = {name: answer(table.question(asked)) for name, table in TABLES.items()}
    return render_template(
        "stats/page.html",
        totals=answer(numbers.totals(asked))[0],
        everybody=asked.author_id is None,
        period=period,
        periods=PERIODS,
        **found,
    )


@stats.get("/stats/<any(days, posts, referrers, authors, months):table>.csv")
@permitted("see statistics")
def as_csv(table: str) -> Response:
    period = asked_period()
    question, columns = TABLES[table]
    rows = answer(question(asked_by(current_user, period)))
    told = ([getattr(row, name) for name in columns] for row in rows)
    return sheets.download(
        f"{table}-{period}-days" if table in {"days", "referrers"} else table, columns, told
    )
