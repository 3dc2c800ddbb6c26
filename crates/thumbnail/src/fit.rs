//! The size of a thumbnail, by the rule of Pillow's `Image.thumbnail`.

use crate::Size;

/// The width and height of an image after it was shrunk to fit a square of `size` pixels.
pub(crate) fn fit((width, height): Size, size: usize) -> Size {
    let size = size.max(1);
    if width <= size && height <= size {
        return (width, height);
    }
    let square = size as f64;
    let ratio = width as f64 / height as f64;
    if ratio <= 1.0 {
        let error = |width: f64| (ratio - width / square).abs();
        (nearest(square * ratio, error), size)
    } else {
        let error = |height: f64| match height {
            0.0 => 0.0,
            height => (ratio - square / height).abs(),
        };
        (size, nearest(square / ratio, error))
    }
}

/// Rounds a length down or up, to the whole number at which the ratio is closer to the
/// original. This may not be the nearest one.
fn nearest(length: f64, error: impl Fn(f64) -> f64) -> usize {
    let (below, above) = (length.floor(), length.ceil());
    let best = if error(above) < error(below) {
        above
    } else {
        below
    };
    (best as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_kept_as_pillow_keeps_it() {
        // Pillow 13.0: `image.thumbnail((size, size)); image.size`.
        for (photo, size, thumbnail) in PILLOW {
            assert_eq!(fit(photo, size), thumbnail, "{photo:?}, {size}");
        }
    }

    #[test]
    fn a_small_photo_keeps_its_size() {
        assert_eq!(fit((100, 50), 128), (100, 50));
        assert_eq!(fit((128, 128), 128), (128, 128));
    }

    /// Photo, size, thumbnail.
    #[rustfmt::skip]
    const PILLOW: [(Size, usize, Size); 24] = [
        ((1632, 1224), 128, (128, 96)),
        ((1224, 1632), 128, (96, 128)),
        ((1920, 1080), 128, (128, 72)),
        ((1000, 1), 128, (128, 1)),
        ((1, 1000), 128, (1, 128)),
        ((3, 2), 1, (1, 1)),
        ((129, 128), 128, (128, 127)),
        ((65535, 3), 1000, (1000, 1)),
        ((831, 2702), 16, (5, 16)),
        ((1772, 2461), 1, (1, 1)),
        ((524, 1955), 1, (1, 1)),
        ((2991, 2800), 3, (3, 3)),
        ((2603, 1760), 16, (16, 11)),
        ((1676, 2938), 16, (9, 16)),
        ((2837, 118), 16, (16, 1)),
        ((591, 531), 16, (16, 14)),
        ((2448, 1980), 128, (128, 104)),
        ((1493, 998), 1, (1, 1)),
        ((125, 1203), 2, (1, 2)),
        ((2087, 180), 1, (1, 1)),
        ((1902, 2459), 127, (98, 127)),
        ((1308, 2729), 128, (61, 128)),
        ((1770, 2839), 16, (10, 16)),
        ((231, 1027), 16, (4, 16)),
    ];
}
