"""What all commands that train have in common: checks before TensorFlow, resuming by the record, the user's images."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from keras_course.cli.app import main
from tests.cli.conftest import write_noise
