"""Loaded by axolotl (`plugins`): its loss over the tokens of a whole step, as everywhere else here, and not the mean of micro batches."""

from __future__ import annotations

import inspect
from typing import Any

from axolotl.integrations.base import BasePlugin


class TokensOfStep(BasePlugin):
    def post_trainer_create(self, cfg: Any, trainer: Any) -> None:
        """
        axolotl 0.19.0 finds no `**kwargs` in the forward that it has wrapped, so that its trainer counts no tokens: rows of a micro
        batch with few tokens would weigh more than others.
        """
        parameters = inspect.signature(type(trainer.accelerator.unwrap_model(trainer.model)).forward).parameters.values()
        if any(parameter.kind == inspect.Parameter.VAR_KEYWORD for parameter in parameters):
            trainer.model_accepts_loss_kwargs = True
            trainer.args.average_tokens_across_devices = True
