"""Tags: names for what posts are about. The pages under a tag are lists of posts: see `blog/posts/lists.py`."""
