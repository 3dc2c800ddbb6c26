//! Good photos become thumbnails; bad ones become an error that says what is wrong.

#[allow(dead_code)] // Its `main`.
#[path = "../examples/draw-photos.rs"]
mod draw_photos;

use jpeg_encoder::{ColorType, Encoder};
use thumbnail::{Error, Thumbnail, shrink};

/// A JPEG of one colour.
fn photo(width: u16, height: u16, channels: ColorType, pixel: &[u8]) -> Vec<u8> {
    let pixels = pixel.repeat(usize::from(width) * usize::from(height));
    let mut jpeg = Vec::new();
    let encoder = Encoder::new(&mut jpeg, 90);
    encoder.encode(&pixels, width, height, channels).unwrap();
    jpeg
}

fn red(width: u16, height: u16) -> Vec<u8> {
    photo(width, height, ColorType::Rgb, &[200, 10, 10])
}

/// The position of the size in a JPEG: two bytes of height, then two bytes of width.
fn place_of_size(jpeg: &[u8]) -> usize {
    let is_start = |pair: &[u8]| pair == [0xFF, 0xC0] || pair == [0xFF, 0xC2];
    jpeg.windows(2).position(is_start).unwrap() + 5
}

/// The same JPEG with another size in its header.
fn that_claims(mut jpeg: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let place = place_of_size(&jpeg);
    jpeg[place..place + 2].copy_from_slice(&height.to_be_bytes());
    jpeg[place + 2..place + 4].copy_from_slice(&width.to_be_bytes());
    jpeg
}

/// The size in the header of a JPEG.
fn claimed_size(jpeg: &[u8]) -> (u16, u16) {
    let place = place_of_size(jpeg);
    let number = |at: usize| u16::from_be_bytes([jpeg[at], jpeg[at + 1]]);
    (number(place + 2), number(place))
}

fn error(photo: &[u8]) -> String {
    shrink(photo, 128).unwrap_err().to_string()
}

#[test]
fn a_thumbnail_is_a_small_jpeg_of_the_same_colour() {
    let thumbnail = shrink(&red(400, 300), 128).unwrap();
    assert_eq!(thumbnail.to_string(), "128x96");
    assert_eq!((thumbnail.width(), thumbnail.height()), (128, 96));
    assert_eq!(claimed_size(thumbnail.as_ref()), (128, 96));
    // Shrunk to a single pixel, it is still red.
    let pixel = shrink(thumbnail.as_ref(), 1).unwrap();
    assert_eq!(pixel, shrink(&red(8, 8), 1).unwrap());
    assert_ne!(
        pixel,
        shrink(&photo(8, 8, ColorType::Rgb, &[10, 200, 10]), 1).unwrap()
    );
}

#[test]
fn a_small_photo_is_not_enlarged() {
    assert_eq!(shrink(&red(20, 10), 128).unwrap().to_string(), "20x10");
    assert_eq!(shrink(&red(20, 10), 0).unwrap().to_string(), "1x1");
}

#[test]
fn a_photo_without_colour_and_one_for_print_are_shrunk_too() {
    for (channels, pixel) in [
        (ColorType::Luma, &[90][..]),
        (ColorType::Cmyk, &[0, 200, 200, 40]),
        (ColorType::Ycck, &[100, 90, 160, 40]),
    ] {
        let photo = photo(300, 400, channels, pixel);
        assert_eq!(
            shrink(&photo, 128).unwrap().to_string(),
            "96x128",
            "{channels:?}"
        );
    }
}

#[test]
fn a_progressive_photo_is_shrunk_too() {
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, 90);
    encoder.set_progressive(true);
    encoder
        .encode(&[7; 300 * 200 * 3], 300, 200, ColorType::Rgb)
        .unwrap();
    assert_eq!(shrink(&jpeg, 100).unwrap().to_string(), "100x67");
    let half = &jpeg[..jpeg.len() / 2];
    assert!(matches!(shrink(half, 100), Err(Error::EndsEarly)));
}

#[test]
fn what_is_no_jpeg_is_an_error() {
    for text in [&b""[..], b"\xFF", b"<!DOCTYPE html>", b"\x89PNG\r\n\x1a\n"] {
        assert_eq!(error(text), "not a JPEG");
    }
}

#[test]
fn a_photo_that_ends_early_is_an_error() {
    let (width, height, _) = draw_photos::PHOTOS[0];
    let whole = draw_photos::jpeg(draw_photos::PHOTOS[0]);
    assert_eq!(claimed_size(&whole), (width, height));
    let all = whole.len();
    for length in [2, 100, 1_000, all / 2, all - 1_000, all - 1] {
        assert_eq!(
            error(&whole[..length]),
            "the JPEG ends early",
            "{length} of {all}"
        );
    }
}

#[test]
fn a_photo_that_is_broken_is_an_error() {
    let whole = red(64, 48);
    let place = place_of_size(&whole);
    // Turns the marker of a table for decoding into the marker of a comment.
    let table = whole
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC4])
        .unwrap();
    for damaged in [
        [&whole[..table], &[0xFF, 0xFE], &whole[table + 2..]].concat(),
        // Without a size; and with only a beginning and an end.
        [&whole[..place - 5], &whole[place + 8..]].concat(),
        [&whole[..2], &[0xFF, 0xDA], &whole[whole.len() - 2..]].concat(),
    ] {
        let error = error(&damaged);
        assert!(error.starts_with("cannot decode the JPEG: "), "{error}");
    }
}

/// Some cameras append their own data.
#[test]
fn what_follows_the_end_does_not_matter() {
    let longer = [red(64, 48), b"appended".to_vec()].concat();
    assert_eq!(
        shrink(&longer, 32).unwrap(),
        shrink(&red(64, 48), 32).unwrap()
    );
}

#[test]
fn a_photo_with_too_many_pixels_is_refused_before_it_is_decoded() {
    // The file is small: decoding it would take gigabytes and minutes.
    let huge = that_claims(red(16, 16), 65_500, 65_500);
    assert_eq!(error(&huge), "65500x65500 is more than 100 megapixels");
}

/// The size in the header counts, as in Pillow and in browsers.
#[test]
fn a_photo_has_the_size_that_its_header_claims() {
    for (width, height, shrunk) in [
        (64, 65, "32x32"),
        (64, 4_000, "1x32"),
        (10_000, 10_000, "32x32"),
        (64, 16, "32x8"),
        (16, 48, "11x32"),
    ] {
        let liar = that_claims(red(64, 48), width, height);
        assert_eq!(shrink(&liar, 32).unwrap().to_string(), shrunk);
    }
    let nothing = that_claims(red(64, 48), 0, 0);
    assert!(error(&nothing).starts_with("cannot decode the JPEG: "));
}

/// For any bytes the result is a thumbnail or an error, never a panic.
#[test]
fn no_damage_makes_it_panic() {
    let mut random = fastrand::Rng::with_seed(26);
    let baseline = draw_photos::jpeg((64, 48, |x, y| [x * 4, y * 5, 90]));
    for _ in 0..5_000 {
        let mut damaged = baseline.clone();
        for _ in 0..random.usize(1..6) {
            let place = random.usize(..damaged.len());
            damaged[place] = random.u8(..);
        }
        damaged.truncate(random.usize(1..=2 * damaged.len()));
        let _ = shrink(&damaged, 16);
    }
}

/// The job queue sends results in messages of at most 1 MiB, and `--size` goes to 1024.
#[test]
fn the_largest_thumbnail_fits_into_a_message() {
    let mut random = fastrand::Rng::with_seed(26);
    let noise: Vec<u8> = (0..1024 * 1024 * 3).map(|_| random.u8(..)).collect();
    let mut photo = Vec::new();
    let encoder = Encoder::new(&mut photo, 100);
    encoder.encode(&noise, 1024, 1024, ColorType::Rgb).unwrap();
    let thumbnail = shrink(&photo, 1024).unwrap();
    let length = thumbnail.as_ref().len();
    assert!(length < 1_000_000, "{length} bytes");
}

#[test]
fn a_log_does_not_show_the_bytes() {
    let thumbnail = shrink(&red(8, 8), 8).unwrap();
    let length = thumbnail.as_ref().len();
    assert_eq!(
        format!("{thumbnail:?}"),
        format!("Thumbnail(8x8, {length} bytes)")
    );
}

#[test]
fn the_photos_of_the_demo_site_are_those_that_the_example_draws() {
    let files: [(&[u8], &str); 3] = [
        (include_bytes!("../../workloads/photos/0.jpg"), "128x96"),
        (include_bytes!("../../workloads/photos/1.jpg"), "96x128"),
        (include_bytes!("../../workloads/photos/2.jpg"), "128x72"),
    ];
    for (photo, (file, size)) in draw_photos::PHOTOS.into_iter().zip(files) {
        assert!(
            draw_photos::jpeg(photo) == file,
            "run the example `draw-photos`"
        );
        let thumbnail: Thumbnail = shrink(file, 128).unwrap();
        assert_eq!(thumbnail.to_string(), size);
    }
}
