"""What a picture tells to whom may not read single suppliers' answers: nothing of few, nor by subtracting.

Where fewer than five are counted, and where all that the person may see less those counted are one to four
(the specification of the scoring, §5.2).
"""

import numpy as np

from assessments.chain.picture import Picture, Wanted, fits
from assessments.chain.rows import NO_ROW, Mask, Rows
from scoring import benchmark
from scoring.scale import Codes


def may_tell(picture: Picture) -> bool:
    """Tell whether what is counted over all of the picture's results may be shown to this person."""
    if not picture.wanted.only_many:
        return True
    counted = int(np.count_nonzero(picture.has_result))
    return bool(benchmark.may_show(counted, len(_whole(picture))))


def may_tell_items(picture: Picture, codes: Codes) -> Mask:
    """Tell of each question whether its rate over these answers (suppliers × questions) may be shown."""
    if not picture.wanted.only_many:
        return np.ones(codes.shape[1], dtype=np.bool_)
    whole = picture.chain.scored.codes[_whole(picture)]
    counted, of_all = (benchmark.rates(one).counted[0] for one in (codes, whole))
    return benchmark.may_show(counted, of_all)


def _whole(picture: Picture) -> Rows:
    """The rows of the results of everybody whom the person may see, with no filter but the campaign."""
    between = picture.chain.relationships
    seen = np.unique(between.supplier[fits(picture.chain, Wanted(units=picture.wanted.units))])
    rows = picture.current[seen]
    found: Rows = rows[rows != NO_ROW]
    return found
