"""Detectors: what is wrong in the data before anything is trained. One file a family; all of it counted, none mended.

Each gives findings with a reason code. Tables are looked at in the engine, so that nothing here holds a table whole.
"""

__all__ = ["DETECTED"]

DETECTED = frozenset(
    {
        "clock_dates_only",
        "clock_days_missing",
        "clock_hours_missing",
        "clock_midnight",
        "clock_summer_time",
        "clock_zone_shift",
        "column_constant",
        "column_knows_future",
        "column_mostly_missing",
        "event_kind_rare",
        "item_exploding",
        "items_near_duplicate",
        "language_mixed",
        "log_stale",
        "paid_unit_slip",
        "price_outlying",
        "price_unit_slip",
        "price_unlike_paid",
        "quantity_outlying",
        "query_near_in_tuning_and_test",
        "repeat_category_unknown",
        "repeats_not_offered",
        "repeats_rare",
        "session_shared",
        "session_too_long",
        "test_items_cold",
        "test_repeats",
        "test_users_cold",
        "text_encoding_damaged",
        "text_html",
        "text_replacement",
        "title_placeholder",
        "traffic_agent",
        "traffic_around_clock",
        "traffic_cohort",
        "traffic_fast",
        "traffic_one_item",
        "traffic_regular",
        "traffic_robot_named",
        "user_dominates",
        "traffic_shared",
    }
)
"""Reason codes of the detectors."""
