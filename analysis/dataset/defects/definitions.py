"""The defects that a single flow can have: what each is called, what it means, and how it is recognised."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from analysis.dataset.release import Release
from analysis.record import snake

FIELD_16 = 65_535
"""Largest number that an unsigned field of 16 bits holds, such as a port or a TCP window."""
FIELD_32 = 2**31 - 1
"""Largest number that a signed field of 32 bits holds."""
LARGEST = 2**53
"""From here on double precision no longer tells neighbouring whole numbers apart (IEEE 754). No quantity of a flow
comes near it, and squares, fourth powers and sums of numbers below it stay finite."""
LEAST_HEADER = 8
"""Bytes of the smallest transport header, that of UDP (RFC 768)."""
ROUNDING = 0.01
"""Relative difference that an equation may have: the release prints large times and variances with three digits."""
ABSOLUTE = 1e-3
"""The same in absolute terms, for numbers near zero."""

RATES = ("Flow Bytes/s", "Flow Packets/s", "Fwd Packets/s", "Bwd Packets/s")
NEVER_NEGATIVE = (
    *("Flow Duration", "Flow IAT Min", "Fwd IAT Min"),
    *("Fwd Header Length", "Bwd Header Length", "min_seg_size_forward"),
)
"""Columns that are known to be negative in some flows although they cannot be; each is counted by itself."""
FIELDS_16 = ("Destination Port", "Init_Win_bytes_forward", "Init_Win_bytes_backward")
PACKETS = {"Fwd": "Total Fwd Packets", "Bwd": "Total Backward Packets"}
TOTALS = {"Fwd": "Total Length of Fwd Packets", "Bwd": "Total Length of Bwd Packets"}
RANGES = ("Fwd Packet Length", "Bwd Packet Length", "Flow IAT", "Fwd IAT", "Bwd IAT", "Active", "Idle")


@dataclass(frozen=True)
class FlowDefect:
    """A defect of single flows: ``test`` is true where a flow has it; ``columns`` are what it looks at.

    ``unknown`` says why it cannot be asked of a release.
    """

    id: str
    title: str
    definition: str
    columns: tuple[str, ...]
    test: pl.Expr
    error: bool = True
    unknown: str | None = None


def flow_defects(release: Release, features: Mapping[str, pl.DataType]) -> Iterator[FlowDefect]:
    """All defects in the order of the report, for a table with these features and types.

    A defect of a certain column comes even where the table lacks it, so that its absence can be said.
    """
    yield from _not_finite(features)
    yield _magnitude(features)
    yield from _negative(release, features)
    yield from _fields(features)
    yield from _whole(release, features)
    yield from _identities(release)
    yield _disorder(features)


def _any(tests: Collection[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(*tests) if tests else pl.lit(False)


def _not_finite(features: Mapping[str, pl.DataType]) -> Iterator[FlowDefect]:
    rates = tuple(name for name in RATES if name in features)
    floats = [name for name, kind in features.items() if kind.is_float()]
    for name in RATES:
        test = pl.lit(False) if name in rates and name not in floats else pl.col(name).is_nan()
        yield FlowDefect(
            f"nan_{snake(name)}", f"{name} is not a number", "undefined: zero divided by zero", (name,), test
        )
    for name in RATES:
        test = pl.lit(False) if name in rates and name not in floats else pl.col(name).is_infinite()
        yield FlowDefect(f"inf_{snake(name)}", f"{name} is infinite", "something divided by a duration of zero",
                         (name,), test)  # fmt: skip
    bad = [~pl.col(name).is_finite() for name in rates if name in floats]
    yield FlowDefect("non_finite_rates", "Any rate not finite", "at least one rate per second is infinite or undefined",
                     rates, _any(bad))  # fmt: skip
    yield FlowDefect("non_finite_timed", "Any rate not finite, although Flow Duration is not 0",
                     "a rate is infinite or undefined for another reason than a duration of zero",
                     (*rates, "Flow Duration"), _any(bad) & (pl.col("Flow Duration") != 0))  # fmt: skip
    others = tuple(name for name in floats if name not in rates)
    yield FlowDefect("non_finite_others", "Any other column not finite",
                     "an empty, infinite or undefined cell in a column that is no rate", others,
                     _any([~pl.col(name).is_finite() for name in others]))  # fmt: skip
    yield FlowDefect("zero_duration", "Flow Duration = 0",
                     "first and last packet carry the same time, so that rates divide by zero", ("Flow Duration",),
                     pl.col("Flow Duration") == 0)  # fmt: skip


def beyond_arithmetic(column: pl.Expr) -> pl.Expr:
    """Whether a cell is a number of such a size that later arithmetic cannot hold it."""
    # Of a whole number the smallest has no absolute value in 64 bits, so both ends are compared.
    return column.is_finite() & ((column >= LARGEST) | (column <= -LARGEST))


def _magnitude(features: Mapping[str, pl.DataType]) -> FlowDefect:
    return FlowDefect("magnitude", "A number beyond 2\N{SUPERSCRIPT FIVE}\N{SUPERSCRIPT THREE}",
                      f"a finite number of {LARGEST:,} or more, or as far below zero: no quantity of a flow is that "
                      "large, and sums and squares of such numbers lose all others", tuple(features),
                      _any([beyond_arithmetic(pl.col(name)) for name in features]))  # fmt: skip


def _negative(release: Release, features: Mapping[str, pl.DataType]) -> Iterator[FlowDefect]:
    for name in NEVER_NEGATIVE:
        what = "a time" if "Duration" in name or "IAT" in name else "a length"
        yield FlowDefect(f"negative_{snake(name)}", f"{name} < 0", f"{what} below zero, which cannot be", (name,),
                         pl.col(name) < 0)  # fmt: skip
    marks = {name: sentinel.value for name, sentinel in release.sentinels.items() if name in features}
    others = tuple(name for name in features if name not in (*NEVER_NEGATIVE, *RATES))
    tests = [(pl.col(name) < 0) & (pl.col(name) != marks[name] if name in marks else True) for name in others]
    yield FlowDefect("negative_others", "Any other column < 0",
                     "a count, length or time below zero in a column not listed above; rates and sentinels left out",
                     others, _any(tests))  # fmt: skip
    rates = tuple(name for name in RATES if name in features)
    yield FlowDefect("negative_rates", "Any rate < 0", "a rate per second below zero, from a negative duration",
                     rates, _any([pl.col(name) < 0 for name in rates]))  # fmt: skip
    for name, sentinel in release.sentinels.items():
        yield FlowDefect(f"sentinel_{snake(name)}", f"{name} = {sentinel.value}".replace("-", "\N{MINUS SIGN}"),
                         f"no error: a sentinel that says ‘{sentinel.means}’", (name,), pl.col(name) == sentinel.value,
                         error=False)  # fmt: skip


def _fields(features: Mapping[str, pl.DataType]) -> Iterator[FlowDefect]:
    fields = tuple(name for name in FIELDS_16 if name in features)
    windows = tuple(name for name in fields if "Win" in name)
    yield FlowDefect("field_16_full", "A window at 65,535",
                     "no error by itself: an initial window at the largest value that its 16 bits hold", windows,
                     _any([pl.col(name) == FIELD_16 for name in windows]), error=False)  # fmt: skip
    yield FlowDefect("field_16_exceeded", "A 16-bit field beyond 65,535",
                     "a port or initial window larger than its 16 bits can hold", fields,
                     _any([pl.col(name) > FIELD_16 for name in fields]))  # fmt: skip
    headers = {f"{d} Header Length": count for d, count in PACKETS.items()}
    known = {name: count for name, count in headers.items() if name in features and count in features}
    wrapped = [(pl.col(name) != 0) & (pl.col(name) < LEAST_HEADER * pl.col(count)) for name, count in known.items()]
    yield FlowDefect("header_overflow", "Header bytes overflow",
                     f"Fwd or Bwd Header Length negative, or above zero but under {LEAST_HEADER} bytes a packet (the "
                     "smallest header): as when a sum outgrows a 16- or 32-bit counter and starts again",
                     (*known, *known.values()), _any(wrapped))  # fmt: skip


def _whole(release: Release, features: Mapping[str, pl.DataType]) -> Iterator[FlowDefect]:
    """Columns of whole numbers are those that the release declares: one odd cell makes a column floating point."""
    whole = tuple(column.name for column in release.columns if column.type == "integer" and column.name in features)
    floats = [name for name in whole if features[name].is_float()]
    broken = [pl.col(name).is_finite() & (pl.col(name) != pl.col(name).round()) for name in floats]
    yield FlowDefect("fractions", "A fraction in a whole-number column",
                     "a count, length, time, port or flag that is no whole number, as after scaling", whole,
                     _any(broken))  # fmt: skip
    # In Polars "not a number" is greater than any number, so it has to be left out.
    size = {name: pl.col(name).abs() for name in whole}
    beyond = [(size[name] >= FIELD_32) & (size[name].is_finite() if name in floats else True) for name in whole]
    yield FlowDefect("field_32_exceeded", "A whole number beyond 32 bits",
                     f"a count, length or time of {FIELD_32:,} or more, or as far below zero",
                     whole, _any(beyond))  # fmt: skip


def _differs(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """Whether two expressions differ by more than rounding; false where either is not finite."""
    gap, size = (a - b).abs(), pl.max_horizontal(a.abs(), b.abs())
    return (gap > ROUNDING * size + ABSOLUTE) & gap.is_finite()


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64)


def _identities(release: Release) -> Iterator[FlowDefect]:
    """Definitions of columns by one another, violated by more than rounding."""
    percent = f"differs by more than {ROUNDING:.0%}"
    variance, std = "Packet Length Variance", "Packet Length Std"
    yield FlowDefect("variance_not_std_squared", "Variance is not Std squared",
                     f"{variance} {percent} from {std} squared", (variance, std),
                     _differs(_number(variance), _number(std) ** 2))  # fmt: skip
    for direction, total in TOTALS.items():
        mean, count = f"{direction} Packet Length Mean", PACKETS[direction]
        yield FlowDefect(f"total_not_mean_times_count_{direction.lower()}",
                         f"{direction} total is not mean by count",
                         f"{total} {percent} from {mean} times {count}", (total, mean, count),
                         _differs(_number(total), _number(mean) * _number(count)))  # fmt: skip
    yield from _average(release, percent)
    longest, duration = "Flow IAT Max", "Flow Duration"
    yield FlowDefect("gap_exceeds_duration", "A gap longer than the flow",
                     f"{longest} exceeds {duration} by more than {ROUNDING:.0%}", (longest, duration),
                     (pl.col(longest) > pl.col(duration)) & _differs(_number(longest), _number(duration)))  # fmt: skip


def _average(release: Release, percent: str) -> Iterator[FlowDefect]:
    """What the average packet size is by other columns, which depends on how the meter counts the first packet."""
    size, mean, twice = "Average Packet Size", "Packet Length Mean", release.first_packet == "twice"
    packets = _number(PACKETS["Fwd"]) + _number(PACKETS["Bwd"])
    octets = _number(TOTALS["Fwd"]) + _number(TOTALS["Bwd"])
    why = "; the meter of this release adds the length of the first packet twice" if twice else ""
    yield FlowDefect("average_not_bytes_over_packets", "Average is not bytes by packets",
                     f"{size} {percent} from total length over packets, both directions{why}",
                     (size, *TOTALS.values(), *PACKETS.values()),
                     _differs(_number(size), octets / packets))  # fmt: skip
    told = f"{size} {percent} from {mean}"
    if twice:
        told += " times (n + 1)/n, n the packets: what is left when the first packet, added twice, is allowed for"
    expected = _number(mean) * (packets + 1) / packets if twice else _number(mean)
    unknown = None if release.first_packet else "how the meter of this release counts the first packet is not known"
    yield FlowDefect("average_not_mean", "Average does not fit mean", told, (size, mean, *PACKETS.values()),
                     _differs(_number(size), expected), unknown=unknown)  # fmt: skip


def _disorder(features: Mapping[str, pl.DataType]) -> FlowDefect:
    """Minimum, mean and maximum of one quantity in another order than by size."""
    columns, tests = [], []
    for name in RANGES:
        ordered = [f"{name} {part}" for part in ("Min", "Mean", "Max")]
        if not set(ordered) <= set(features):
            continue
        columns += ordered
        for low, high in pairwise(ordered):
            tests.append((pl.col(low) > pl.col(high)) & _differs(_number(low), _number(high)))
    return FlowDefect("disorder", "Extremes out of order", "not minimum \N{LESS-THAN OR EQUAL TO} mean "
                      f"\N{LESS-THAN OR EQUAL TO} maximum, beyond {ROUNDING:.0%}, in lengths or times", tuple(columns),
                      _any(tests))  # fmt: skip
