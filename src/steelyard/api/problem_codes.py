"""Status and code of every refusal that the operations of the shop may give, by what is asked."""

from __future__ import annotations

__all__ = ["AFTER_CODES", "BODY_CODES", "CHANGE_CODES", "EVENT_CODES", "LIST_CODES", "NAME_CODES", "QUERY_CODES"]

AFTER_CODES = ((400, "bad_token"), (400, "takes_no_changes"), (504, "not_included_yet"))
CHANGE_CODES = (
    (400, "bad_json"),
    (400, "bad_value"),
    (400, "unknown_parameter"),
    (409, "key_taken"),
    (413, "body_too_large"),
    (413, "too_many_changes"),
    (415, "unsupported_media_type"),
    (422, "bad_changes"),
    (503, "changes_unreadable"),
    (507, "not_stored"),
)
QUERY_CODES = (
    (400, "bad_parameter"),
    (400, "missing_parameter"),
    (400, "unknown_parameter"),
    (404, "not_served"),
    *AFTER_CODES,
)
BODY_CODES = (
    (400, "bad_json"),
    (400, "bad_value"),
    (400, "unknown_parameter"),
    (404, "not_served"),
    (413, "body_too_large"),
    (415, "unsupported_media_type"),
    *AFTER_CODES,
)
NAME_CODES = ((401, "wrong_key"), (403, "foreign_user"), (429, "too_many_wrong_keys"))
LIST_CODES = (
    (400, "unknown_field"),
    (400, "bad_filter"),
    (400, "too_many_filters"),
    (400, "too_many_facets"),
    (400, "no_such_sort"),
    (400, "bad_cursor"),
    (400, "cursor_of_another_search"),
    (400, "cursor_of_another_shopper"),
    (410, "cursor_of_another_bundle"),
)
EVENT_CODES = (
    (413, "too_many_events"),
    (422, "time_in_future"),
    (422, "time_too_old"),
    (422, "missing_item"),
    (422, "missing_query"),
    (422, "bad_quantity"),
    (422, "missing_rating"),
    (422, "bad_rating"),
    (409, "event_id_taken"),
    (503, "read_only"),
    (503, "busy"),
)
