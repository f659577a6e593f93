"""People in the data: pseudonyms, what names them by mistake, who was erased, least counts, sealed records.

The room computes; it opens no file and asks no clock.
"""

from __future__ import annotations

from steelyard.data.privacy.pseudonyms import Pseudonyms

__all__ = ["Pseudonyms"]
