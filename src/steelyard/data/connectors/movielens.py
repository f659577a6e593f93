"""MovieLens: films, and stars given to them."""

from __future__ import annotations

from steelyard.config.connectors import Connector, Layout

__all__ = ["CONNECTOR"]

CONNECTOR = Connector(
    name="movielens",
    title="MovieLens",
    documented_at="README of the data set: MovieLens (ml-latest, ml-25m, ml-32m)",
    layouts=(
        Layout(
            source="movielens",
            table="items",
            what="the MovieLens films",
            columns={
                "item_id": ("movieId",),
                "title": ("title",),
                "category": ("genres",),
            },
            needs=("movieId", "title", "genres"),
        ),
        Layout(
            source="movielens",
            table="events",
            what="the MovieLens ratings",
            columns={
                "user": ("userId",),
                "item_id": ("movieId",),
                "time": ("timestamp",),
                "rating": ("rating",),
            },
            needs=("userId", "movieId", "rating", "timestamp"),
            settings={"kind": "rating"},
        ),
    ),
)
