"""SQLAlchemy's suite for dialects, which the package brings along, wants its plugin loaded by a conftest.py."""
import pytest

pytest.register_assert_rewrite("sqlalchemy.testing.assertions")

from sqlalchemy.testing.plugin.pytestplugin import *
