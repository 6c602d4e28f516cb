"""What the training of a GAN gives back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from keras_course.gan.model.gan import GAN
from keras_course.gan.training.collapse_alarm import NOT_FINITE, Finding


@dataclass(frozen=True, eq=False)
class GANRun:
    """The outcome of `train_gan`.

    Args:
        gan: The trained model.
        history: Index = epoch (0-based): the metrics of `GAN`, `collapse` (how many alarms ring), `learning_rate` (of
            the generator) and `seconds`.
        scorecard: Index = epoch (0-based), a column a figure of `scorecard`; empty without a reference.
        findings: What the collapse alarm saw, in the order of the epochs.
        config: What made the run, as in `config.json`.
        run_dir: The run folder, or None.
    """

    gan: GAN
    history: pd.DataFrame
    scorecard: pd.DataFrame
    findings: tuple[Finding, ...]
    config: dict[str, Any]
    run_dir: Path | None

    @property
    def verdict(self) -> str:
        """What the collapse alarm has to say of the whole training."""
        broken = any(finding.kind == NOT_FINITE for finding in self.findings)  # such an epoch has no row
        ringing = bool(len(self.history)) and self.history["collapse"].iloc[-1] > 0
        return collapse_verdict(self.findings, broken or ringing)


def collapse_verdict(findings: tuple[Finding, ...] | list[Finding], ringing: bool) -> str:
    """Sums up what the collapse alarm saw.

    Args:
        findings: All of them.
        ringing: Whether an alarm still rings at the end.
    """
    if not findings:
        return "no collapse: the alarm saw nothing"
    kinds = ", ".join(f"{kind} from epoch {epoch + 1}" for epoch, kind, _ in findings)
    return f"collapsed: {kinds}" if ringing else f"recovered: {kinds}, over at the end"
