"""Reason codes of the findings in a shop's data, and the kind of harm each does to the models.

The sentences for both are in ``reporting.words.findings``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

__all__ = ["REASONS", "TABLE_REFUSED", "Effect", "effect_of", "remedy_of"]


TABLE_REFUSED = "table_refused"
"""Reason of a table of which nothing can be used; it cannot be accepted."""


class Effect(StrEnum):
    """What a finding does to the models."""

    EVENTS_LOST = "events_lost"
    ITEMS_LOST = "items_lost"
    JUDGEMENTS_LOST = "judgements_lost"
    ROWS_LOST = "rows_lost"
    ITEM_HIDDEN = "item_hidden"
    NO_PRICE = "no_price"
    COUNTED_TWICE = "counted_twice"
    AS_MEANT = "as_meant"
    REPAIRED = "repaired"
    NOBODY = "nobody"
    POOR_TEXT = "poor_text"
    RATINGS_ALIKE = "ratings_alike"
    ONE_OF_MANY = "one_of_many"
    VALUE_LOST = "value_lost"
    TABLE_REFUSED = "table_refused"
    CHANGED = "changed"
    TIMES = "times"
    PRICES = "prices"
    ROBOTS = "robots"
    TESTS = "tests"
    SPLIT = "split"
    COUNTED = "counted"


REASONS: Mapping[str, Effect] = {
    "answer_duplicate": Effect.COUNTED_TWICE,
    "answer_missing": Effect.ROWS_LOST,
    "answered_item_repaired": Effect.REPAIRED,
    "answered_item_unknown": Effect.ROWS_LOST,
    "basic_user_duplicate": Effect.ROWS_LOST,
    "basic_user_empty": Effect.COUNTED,
    "basic_user_missing": Effect.ROWS_LOST,
    "basic_user_unseen": Effect.COUNTED,
    "category_listed": Effect.AS_MEANT,
    "category_several_paths": Effect.AS_MEANT,
    "cells_filled": Effect.REPAIRED,
    "cells_trimmed": Effect.REPAIRED,
    "cells_unnamed": Effect.VALUE_LOST,
    "changes_overtaken": Effect.AS_MEANT,
    "clock_dates_only": Effect.TIMES,
    "clock_days_missing": Effect.TIMES,
    "clock_hours_missing": Effect.TIMES,
    "clock_midnight": Effect.TIMES,
    "clock_summer_time": Effect.TIMES,
    "clock_zone_shift": Effect.TIMES,
    "column_constant": Effect.COUNTED,
    "column_knows_future": Effect.TESTS,
    "column_mostly_missing": Effect.COUNTED,
    "columns_renamed": Effect.REPAIRED,
    "currencies_mixed": Effect.COUNTED,
    "currency_differs": Effect.COUNTED,
    "dates_guessed": Effect.REPAIRED,
    "dates_mixed": Effect.EVENTS_LOST,
    "decimal_mark_guessed": Effect.REPAIRED,
    "decimal_marks_mixed": Effect.REPAIRED,
    "dialect_told": Effect.REPAIRED,
    "drift_currency": Effect.CHANGED,
    "drift_distribution": Effect.CHANGED,
    "drift_duplicates": Effect.CHANGED,
    "drift_ids": Effect.CHANGED,
    "drift_language": Effect.CHANGED,
    "drift_missing": Effect.CHANGED,
    "drift_new_values": Effect.CHANGED,
    "drift_renamed": Effect.CHANGED,
    "drift_rows": Effect.CHANGED,
    "drift_time_zone": Effect.CHANGED,
    "drift_type": Effect.CHANGED,
    "drift_unit": Effect.CHANGED,
    "encoding_guessed": Effect.REPAIRED,
    "encoding_mixed": Effect.REPAIRED,
    "event_duplicate": Effect.COUNTED_TWICE,
    "event_from_order": Effect.REPAIRED,
    "event_id_of_basket": Effect.AS_MEANT,
    "event_id_taken": Effect.EVENTS_LOST,
    "event_disliked": Effect.AS_MEANT,
    "event_ignored": Effect.AS_MEANT,
    "event_item_missing": Effect.EVENTS_LOST,
    "event_item_repaired": Effect.REPAIRED,
    "event_item_scientific": Effect.EVENTS_LOST,
    "event_item_twins": Effect.COUNTED,
    "event_item_unknown": Effect.EVENTS_LOST,
    "event_kind_rare": Effect.TESTS,
    "event_kind_unknown": Effect.EVENTS_LOST,
    "event_piece": Effect.AS_MEANT,
    "event_return": Effect.AS_MEANT,
    "event_time_implausible": Effect.EVENTS_LOST,
    "event_time_in_future": Effect.EVENTS_LOST,
    "event_time_unreadable": Effect.EVENTS_LOST,
    "event_too_old": Effect.AS_MEANT,
    "event_user_missing": Effect.NOBODY,
    "event_weights_fitted": Effect.AS_MEANT,
    "event_weights_learnt": Effect.AS_MEANT,
    "event_weights_not_fitted": Effect.AS_MEANT,
    "event_weights_not_learnt": Effect.AS_MEANT,
    "file_looked_up": Effect.AS_MEANT,
    "files_joined": Effect.AS_MEANT,
    "gain_from_grade": Effect.REPAIRED,
    "gain_missing": Effect.JUDGEMENTS_LOST,
    "gain_negative": Effect.JUDGEMENTS_LOST,
    "gain_not_a_number": Effect.JUDGEMENTS_LOST,
    "header_missing": Effect.REPAIRED,
    "header_second": Effect.REPAIRED,
    "header_shifted": Effect.REPAIRED,
    "ids_as_floats": Effect.REPAIRED,
    "item_exploding": Effect.COUNTED,
    "item_id_as_date": Effect.COUNTED,
    "item_id_duplicate": Effect.ITEMS_LOST,
    "item_id_missing": Effect.ITEMS_LOST,
    "item_id_scientific": Effect.ITEMS_LOST,
    "item_not_published": Effect.AS_MEANT,
    "items_added_since": Effect.AS_MEANT,
    "items_changed_since": Effect.AS_MEANT,
    "items_deleted_since": Effect.ITEM_HIDDEN,
    "items_merged": Effect.AS_MEANT,
    "items_near_duplicate": Effect.SPLIT,
    "join_key_missing": Effect.VALUE_LOST,
    "join_key_repaired": Effect.REPAIRED,
    "join_key_unknown": Effect.VALUE_LOST,
    "judged_item_missing": Effect.JUDGEMENTS_LOST,
    "judged_item_repaired": Effect.REPAIRED,
    "judgement_duplicate": Effect.AS_MEANT,
    "language_mixed": Effect.POOR_TEXT,
    "layout_told": Effect.COUNTED,
    "line_ends_mixed": Effect.REPAIRED,
    "lines_before_header": Effect.AS_MEANT,
    "list_unfolded": Effect.AS_MEANT,
    "log_stale": Effect.TIMES,
    "not_offered": Effect.AS_MEANT,
    "object_read": Effect.REPAIRED,
    "order_cancelled": Effect.AS_MEANT,
    "order_status_unread": Effect.COUNTED,
    "paid_unit_slip": Effect.PRICES,
    "parent_of_variants": Effect.AS_MEANT,
    "person_erased": Effect.AS_MEANT,
    "picture_row": Effect.AS_MEANT,
    "placeholder_words": Effect.AS_MEANT,
    "price_missing": Effect.NO_PRICE,
    "price_not_a_number": Effect.NO_PRICE,
    "price_not_positive": Effect.NO_PRICE,
    "price_other_currency": Effect.NO_PRICE,
    "price_outlying": Effect.PRICES,
    "price_too_large": Effect.NO_PRICE,
    "price_unit_slip": Effect.PRICES,
    "price_unlike_paid": Effect.PRICES,
    "published_later": Effect.ITEM_HIDDEN,
    "published_unread": Effect.COUNTED,
    "purchase_undone": Effect.AS_MEANT,
    "quantity_not_a_number": Effect.EVENTS_LOST,
    "quantity_not_positive": Effect.AS_MEANT,
    "quantity_outlying": Effect.PRICES,
    "query_judged_item_unknown": Effect.JUDGEMENTS_LOST,
    "query_missing": Effect.JUDGEMENTS_LOST,
    "query_near_in_tuning_and_test": Effect.TESTS,
    "question_missing": Effect.ROWS_LOST,
    "quotes_mended": Effect.REPAIRED,
    "rating_column_found": Effect.REPAIRED,
    "rating_missing": Effect.RATINGS_ALIKE,
    "rating_not_liking": Effect.AS_MEANT,
    "rating_out_of_range": Effect.EVENTS_LOST,
    "rating_scale_unknown": Effect.EVENTS_LOST,
    "rating_unreadable": Effect.EVENTS_LOST,
    "rating_values_not_read": Effect.RATINGS_ALIKE,
    "records_found": Effect.AS_MEANT,
    "records_not_objects": Effect.ROWS_LOST,
    "row_blank": Effect.AS_MEANT,
    "row_header": Effect.AS_MEANT,
    "row_malformed": Effect.ROWS_LOST,
    "row_too_long": Effect.ROWS_LOST,
    "row_trailer": Effect.AS_MEANT,
    "row_undecodable": Effect.ROWS_LOST,
    "same_user_claimed": Effect.COUNTED,
    "same_user_joined": Effect.AS_MEANT,
    "same_user_missing": Effect.COUNTED,
    "same_user_shared": Effect.COUNTED,
    "session_scientific": Effect.VALUE_LOST,
    "repeat_category_unknown": Effect.TESTS,
    "repeats_not_offered": Effect.TESTS,
    "repeats_rare": Effect.TESTS,
    "session_shared": Effect.TIMES,
    "session_too_long": Effect.TIMES,
    "stock_missing": Effect.AS_MEANT,
    "stock_negative": Effect.ITEM_HIDDEN,
    "stock_on_order": Effect.ITEM_HIDDEN,
    "stock_unreadable": Effect.ITEM_HIDDEN,
    "table_refused": Effect.TABLE_REFUSED,
    "test_items_cold": Effect.TESTS,
    "test_repeats": Effect.TESTS,
    "test_users_cold": Effect.TESTS,
    "text_encoding_damaged": Effect.POOR_TEXT,
    "text_garbled": Effect.POOR_TEXT,
    "text_html": Effect.REPAIRED,
    "text_names_person": Effect.VALUE_LOST,
    "text_replacement": Effect.POOR_TEXT,
    "text_shared": Effect.ONE_OF_MANY,
    "time_units_mixed": Effect.REPAIRED,
    "times_are_serials": Effect.REPAIRED,
    "times_left_out_by_clock": Effect.REPAIRED,
    "times_twice_on_clock": Effect.REPAIRED,
    "time_added_up": Effect.TIMES,
    "times_without_zone": Effect.REPAIRED,
    "title_missing": Effect.POOR_TEXT,
    "title_placeholder": Effect.POOR_TEXT,
    "traffic_agent": Effect.COUNTED,
    "traffic_around_clock": Effect.ROBOTS,
    "traffic_cohort": Effect.ROBOTS,
    "traffic_fast": Effect.ROBOTS,
    "traffic_one_item": Effect.ROBOTS,
    "traffic_regular": Effect.ROBOTS,
    "traffic_robot_named": Effect.ROBOTS,
    "traffic_shared": Effect.ROBOTS,
    "user_dominates": Effect.COUNTED,
    "user_is_nobody": Effect.NOBODY,
    "user_maybe_shared": Effect.COUNTED,
    "user_scientific": Effect.NOBODY,
    "user_shared": Effect.NOBODY,
    "variant_inherits": Effect.REPAIRED,
    "years_of_two_digits": Effect.REPAIRED,
    "zero_bytes": Effect.REPAIRED,
    "zones_mixed": Effect.AS_MEANT,
}
"""What each reason does to the models."""

_BY_ACTION = {"quarantine": Effect.ROWS_LOST, "set_aside": Effect.VALUE_LOST}


def effect_of(reason: str, action: str, *, table: str = "items") -> str:
    """Key of the sentence that says what a finding does to the models.

    Args:
        reason: Its code; one that nobody knows is told by what happened to the rows.
        action: What happened to them.
        table: Where it was found; a price that a log lacks is no item's.

    Returns:
        A value of ``Effect``.
    """
    found = REASONS.get(reason, _BY_ACTION.get(action, Effect.COUNTED))
    return (Effect.VALUE_LOST if found is Effect.NO_PRICE and table != "items" else found).value


def remedy_of(reason: str) -> str:
    """Key of the sentence that says what to do about a finding: its reason, or ``look`` where nobody knows it."""
    return reason if reason in REASONS else "look"
