"""The language model that labels, and the log of what it answered."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from steelyard.config.labels import LabelModel
    from steelyard.workflows.labelling.model_ports import AnswerLog, ChatModel

__all__ = ["Labelling"]


@dataclass(frozen=True, slots=True)
class Labelling:
    """Opens them."""

    def model(self, settings: LabelModel) -> ChatModel:
        """The model of the configuration, with the key of the environment; nothing is contacted yet.

        Args:
            settings: ``[labels.model]``.

        Returns:
            What can be asked.

        Raises:
            ConfigError: No address or no name is configured.
        """
        from steelyard.adapters.chat_endpoint import ChatEndpoint

        key = os.environ.get(settings.key_env, "") if settings.key_env else ""
        return ChatEndpoint(settings.endpoint, settings.name, key=key, timeout_s=settings.timeout_s)

    def answers(self, path: Path) -> AbstractContextManager[AnswerLog]:
        """The log of answers, for one run at a time."""
        from steelyard.adapters.label_answers import LabelAnswers

        return LabelAnswers.opened(path)
