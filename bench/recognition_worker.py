"""One recognition system in a process of its own: paths of photographs come in, one JSON line each goes out.

    python bench/recognition_worker.py {plateward|frames|own|v4|v6} < paths

A line holds `file`, what was found (`plates` of Plateward, `lines` of text of the peers), milliseconds on the
clock and of the processor, and the peak memory of the process so far in MiB. For `v4` (rapidocr-onnxruntime)
run it with the interpreter of an environment that has that package; nothing of Plateward is imported then.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

Found: TypeAlias = dict[str, Any]
System: TypeAlias = Callable[[str], Found]


def plateward(*, own: bool) -> System:
    """The product with all it has, or with our own networks alone."""
    from plateward.recognition import OWN, Recognizer, Tuning, as_json  # noqa: PLC0415  absent beside v4
    from plateward.recognition.pictures import decode  # noqa: PLC0415  the same

    recognizer = Recognizer.default(1, OWN if own else Tuning())

    def recognize(path: str) -> Found:
        return as_json(recognizer.recognize(decode(Path(path).read_bytes())))

    return recognize


def frames() -> System:
    """The product as it reads frames of moving pictures."""
    from plateward.recognition import PictureResult, Recognizer, as_json  # noqa: PLC0415  absent beside v4
    from plateward.recognition.pictures import decode  # noqa: PLC0415  the same

    recognizer = Recognizer.default(1)

    def recognize(path: str) -> Found:
        frame = decode(Path(path).read_bytes())
        readings = tuple(recognizer.read(frame, recognizer.find(frame)))
        return as_json(PictureResult(readings, frame.shape[1], frame.shape[0], 0.0, recognizer.model))

    return recognize


def v4() -> System:
    """rapidocr-onnxruntime as it comes (PP-OCRv4), on one thread."""
    from rapidocr_onnxruntime import RapidOCR  # noqa: PLC0415  only in its own environment

    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def recognize(path: str) -> Found:
        lines, _ = engine(path)
        return {"lines": [_line(box, text, sure) for box, text, sure in lines or []]}

    return recognize


def v6() -> System:
    """The locked rapidocr as it comes (PP-OCRv6), on one thread."""
    from rapidocr import RapidOCR  # noqa: PLC0415  loads networks

    threads = "EngineConfig.onnxruntime"
    params = {f"{threads}.intra_op_num_threads": 1, f"{threads}.inter_op_num_threads": 1}
    engine = RapidOCR(params={**params, "Global.log_level": "error"})

    def recognize(path: str) -> Found:
        found = engine(path)
        lines = zip(found.boxes, found.txts, found.scores, strict=True) if found.boxes is not None else ()
        return {"lines": [_line(box, text, sure) for box, text, sure in lines]}

    return recognize


def _line(box: Any, text: str, sure: float) -> Found:
    corners = [[round(float(x), 1), round(float(y), 1)] for x, y in box]
    return {"text": text, "confidence": round(float(sure), 4), "corners": corners}


SYSTEMS: dict[str, Callable[[], System]] = {
    "plateward": lambda: plateward(own=False),
    "frames": frames,
    "own": lambda: plateward(own=True),
    "v4": v4,
    "v6": v6,
}


def main() -> None:
    """Answer every line."""
    recognize = SYSTEMS[sys.argv[1]]()
    for line in sys.stdin:
        path = line.rstrip("\n")
        clock, processor = time.perf_counter(), time.process_time()
        found = recognize(path)
        found["clock_ms"] = round((time.perf_counter() - clock) * 1000, 1)
        found["processor_ms"] = round((time.process_time() - processor) * 1000, 1)
        found["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
        print(json.dumps({"file": path, **found}), flush=True)


if __name__ == "__main__":
    main()
