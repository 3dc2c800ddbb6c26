"""Shrink a photo to a thumbnail: JPEG to JPEG.

In Rust: crates/thumbnail
"""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any, NamedTuple

from PIL import Image, UnidentifiedImageError

from tracing import traced_part
from workloads import ShrinkError

# A photo with more pixels is not decoded. Decoded it would take 400 MB.
MOST_PIXELS = 100_000_000

# Without Pillow's own limit, which is lower and at first only warns.
Image.MAX_IMAGE_PIXELS = None

# No warnings about damaged EXIF data: a thumbnail has no use for it.
warnings.filterwarnings("ignore", module="PIL")


class Thumbnail(NamedTuple):
    """A small JPEG. Prints as its width and height: `128x96`."""

    width: int
    height: int
    jpeg: bytes

    def to_message(self) -> dict[str, Any]:
        """The thumbnail as a job queue sends it."""
        return self._asdict()

    @classmethod
    def from_message(cls, message: Any) -> Thumbnail:
        """The thumbnail that a job queue has sent."""
        return cls(message["width"], message["height"], message["jpeg"])

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@traced_part
def shrink(photo: bytes, size: int) -> Thumbnail:
    """Shrink a photo to fit a square of `size` pixels, or raise `ShrinkError`."""
    if not photo.startswith(b"\xff\xd8"):
        raise ShrinkError("not a JPEG")
    # The decoder would fill what is missing with grey.
    last_scan = photo.rfind(b"\xff\xda")
    if last_scan < 0 or photo.find(b"\xff\xd9", last_scan) < 0:
        raise ShrinkError("the JPEG ends early")
    try:
        # This reads the header alone.
        image = Image.open(BytesIO(photo), formats=["JPEG"])
        if image.width * image.height > MOST_PIXELS:
            most = MOST_PIXELS // 1_000_000
            raise ShrinkError(
                f"{image.width}x{image.height} is more than {most} megapixels"
            )
        image.thumbnail((size, size), Image.Resampling.BOX, reducing_gap=None)
        # It may be greyscale or CMYK.
        small = image.convert("RGB")
    except UnidentifiedImageError:
        # Pillow's own words name an object in memory.
        raise ShrinkError("cannot decode the JPEG: its header is broken") from None
    except OSError as error:
        raise ShrinkError(f"cannot decode the JPEG: {error}") from None
    jpeg = BytesIO()
    small.save(jpeg, "JPEG")
    return Thumbnail(small.width, small.height, jpeg.getvalue())
