"""What ``labels ask`` is handed: a language model that answers, and a log of answers that is never lost."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from steelyard.config.labels import LabelModel
    from steelyard.data.labels.asked import Said
    from steelyard.documents.label_answer import LabelAnswer

__all__ = ["AnswerLog", "ChatModel", "Labelling"]


class ChatModel(Protocol):
    """A language model (``steelyard.adapters.chat_endpoint.ChatEndpoint``)."""

    def ask(self, system: str, user: str, *, max_tokens: int) -> Said:
        """One answer, at temperature 0.

        Args:
            system: What it is told to do.
            user: What it is asked.
            max_tokens: Most that it may write.

        Returns:
            Its words and the tokens that are paid for.

        Raises:
            Busy: It is worth asking again later.
            ConfigError: It is not: the key, the model or the address is wrong.
        """
        ...


class AnswerLog(Protocol):
    """Answers that were paid for (``steelyard.adapters.label_answers.LabelAnswers``)."""

    def read(self) -> Mapping[str, LabelAnswer]:
        """The answers by digest of the question; of several the one with a grade."""
        ...

    def every(self) -> list[LabelAnswer]:
        """All answers, oldest first."""
        ...

    def append(self, answer: LabelAnswer) -> None:
        """Keep an answer, on the disk before this returns."""
        ...


class Labelling(Protocol):
    """Opens them (``steelyard.assembly.labelling.Labelling``)."""

    def model(self, settings: LabelModel) -> ChatModel:
        """The model of the configuration; nothing is contacted yet."""
        ...

    def answers(self, path: Path) -> AbstractContextManager[AnswerLog]:
        """The log of answers, for one run at a time."""
        ...
