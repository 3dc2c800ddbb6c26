//! Shrinks an image by averaging, as Pillow's `Resampling.BOX`.

use crate::{CHANNELS, Size};

/// Shrinks an RGB image: every new pixel is the average of the area that it covers.
pub(crate) fn shrink(
    pixels: &[u8],
    (width, height): Size,
    (new_width, new_height): Size,
) -> Vec<u8> {
    let columns = areas(width, new_width);
    let mut shrunk = Vec::with_capacity(new_width * new_height * CHANNELS);
    // As wide as the photo: the average of the rows that the new row covers.
    let mut row = vec![0.0; width * CHANNELS];
    for area in areas(height, new_height) {
        row.fill(0.0);
        let rows = pixels.chunks_exact(width * CHANNELS).skip(area.first);
        for (old, weight) in rows.zip(&area.weights) {
            for (sum, &value) in row.iter_mut().zip(old) {
                *sum += weight * f32::from(value);
            }
        }
        for area in &columns {
            let mut sums = [0.0; CHANNELS];
            let pixels = row.chunks_exact(CHANNELS).skip(area.first);
            for (pixel, weight) in pixels.zip(&area.weights) {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += weight * value;
                }
            }
            shrunk.extend(sums.map(|sum| sum.round() as u8));
        }
    }
    shrunk
}

/// The old pixels that a new pixel covers, in one direction.
struct Area {
    first: usize,
    /// The weight of each old pixel, starting with the first. Their sum is 1.
    weights: Vec<f32>,
}

/// The area of each new pixel, if `old` pixels in a line become `new` ones.
fn areas(old: usize, new: usize) -> Vec<Area> {
    let scale = old as f64 / new as f64;
    let area = |place: usize| {
        let begin = place as f64 * scale;
        let end = begin + scale;
        let (first, last) = (begin as usize, (end.ceil() as usize).min(old));
        let covered = |pixel: usize| {
            let part = end.min((pixel + 1) as f64) - begin.max(pixel as f64);
            (part / scale) as f32
        };
        Area {
            first,
            weights: (first..last).map(covered).collect(),
        }
    };
    (0..new).map(area).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_pixel_is_the_average_of_what_it_covers() {
        let grey =
            |values: &[u8]| values.iter().flat_map(|&it| [it; 3]).collect::<Vec<_>>();
        let pixels = grey(&[0, 10, 20, 30, 100, 110, 120, 130]);
        assert_eq!(shrink(&pixels, (4, 2), (2, 1)), grey(&[55, 75]));
        // The pixel in the middle belongs to both halves.
        assert_eq!(shrink(&grey(&[0, 30, 90]), (3, 1), (2, 1)), grey(&[10, 70]));
        assert_eq!(shrink(&pixels, (4, 2), (4, 2)), pixels);
    }

    #[test]
    fn every_old_pixel_is_covered_as_much_as_any_other() {
        for (old, new) in [(1, 1), (1632, 128), (1000, 999), (7, 3), (65_535, 1)] {
            let mut covered = vec![0.0; old];
            for area in areas(old, new) {
                let total: f32 = area.weights.iter().sum();
                assert!((total - 1.0).abs() < 1e-3, "{old} to {new}: {total}");
                for (pixel, weight) in covered[area.first..].iter_mut().zip(area.weights)
                {
                    *pixel += weight;
                }
            }
            let even = new as f32 / old as f32;
            let is_even = |pixel: &f32| (pixel - even).abs() < 1e-3;
            assert!(covered.iter().all(is_even), "{old} to {new}");
        }
    }
}
