from __future__ import annotations

import pytest

from analysis.dataset.ingest import refuse_other_flows
from analysis.errors import UserError

SEEN = {"a.csv": "1", "b.csv": "2"}


def files(**sums):
    return [{"name": f"{name}.csv", "sha256": digest} for name, digest in sums.items()]


def test_the_files_of_the_first_look_are_read():
    refuse_other_flows(files(a="1", b="2"), SEEN)


@pytest.mark.parametrize("sums", [{"a": "1", "b": "3"}, {"a": "1"}, {"a": "1", "b": "2", "c": "3"}])
def test_files_that_changed_since_the_first_look_are_refused(sums):
    with pytest.raises(UserError, match=r"data: [bc]\.csv changed while the study was made; build again"):
        refuse_other_flows(files(**sums), SEEN)
