//! Draws the three photos of the demo site: `cargo run -p thumbnail --example draw-photos`.
//!
//! It uses whole numbers only, so that every machine draws the same.

use std::io;
use std::path::Path;

use jpeg_encoder::{ColorType, Encoder};

const QUALITY: u8 = 60;

/// A photo: its width, its height, and its colour at `(x, y)`. `y` counts from the top.
type Photo = (u16, u16, fn(i32, i32) -> Colour);

type Colour = [i32; 3];

/// The photos of the demo site, by number.
pub const PHOTOS: [Photo; 3] = [
    (1632, 1224, mountains),
    (1224, 1632, city),
    (1920, 1080, balloons),
];

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../workloads/photos");
    for (number, photo) in PHOTOS.into_iter().enumerate() {
        std::fs::write(folder.join(format!("{number}.jpg")), jpeg(photo))?;
    }
    Ok(())
}

/// The file of a photo.
pub fn jpeg((width, height, look): Photo) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..i32::from(height) {
        for x in 0..i32::from(width) {
            let grain = noise(x, y) % 9 - 4;
            let colour = look(x, y).map(|part| (part + grain).clamp(0, 255) as u8);
            pixels.extend(colour);
        }
    }
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY)
        .encode(&pixels, width, height, ColorType::Rgb)
        .expect("a vector takes all that is written to it");
    jpeg
}

/// A sun above three ranges of mountains.
fn mountains(x: i32, y: i32) -> Colour {
    let ranges = [
        (1080 - zigzag(x + 90, 700) / 2, [38, 52, 44]),
        (980 - zigzag(x, 900) - zigzag(x, 130) / 4, [70, 88, 92]),
        (
            760 - zigzag(x + 300, 800) - zigzag(x, 210) / 3,
            [128, 140, 160],
        ),
    ];
    for (top, colour) in ranges {
        if y > top {
            return mix(colour, [20, 30, 26], y - top, 600);
        }
    }
    if is_in_circle(x - 1180, y - 330, 120) {
        return [255, 236, 170];
    }
    mix([90, 140, 210], [250, 200, 160], y, 800)
}

/// Houses at night. Some windows are lit.
fn city(x: i32, y: i32) -> Colour {
    if is_in_circle(x - 900, y - 260, 90) && !is_in_circle(x - 860, y - 240, 80) {
        return [240, 236, 214];
    }
    let house = x / 136;
    let top = 500 + noise(house, 7) % 600;
    if y < top {
        return mix([12, 16, 48], [96, 60, 110], y, 1100);
    }
    let is_window = x % 34 > 12 && (y - top) % 44 > 20;
    let is_lit = noise(x / 34, (y - top) / 44 + 1000 * house) % 3 == 0;
    match (is_window, is_lit) {
        (true, true) => [250, 214, 120],
        (true, false) => [30, 34, 52],
        (false, _) => mix([58, 58, 74], [34, 34, 46], y - top, 900),
    }
}

/// Three balloons above the sea.
fn balloons(x: i32, y: i32) -> Colour {
    for (left, top, radius, colour) in [
        (420, 330, 190, [214, 62, 50]),
        (1020, 480, 120, [240, 180, 40]),
        (1500, 260, 150, [60, 120, 190]),
    ] {
        let (x, y) = (x - left, y - top);
        if is_in_circle(x, y, radius) {
            let is_striped = (x + radius) / (radius / 4) % 2 == 0;
            let colour = if is_striped { colour } else { [244, 238, 226] };
            return mix(colour, [40, 30, 40], x + radius, radius * 6);
        }
        if x.abs() < radius / 6 && (radius + 40..radius + 90).contains(&y) {
            return [92, 64, 40];
        }
    }
    if y > 820 {
        let wave = zigzag(x + 5 * y, 60) * (y - 800) / 400;
        return mix([40, 110, 140], [16, 50, 80], y - 820 + wave, 320);
    }
    mix([110, 170, 230], [226, 236, 244], y, 820)
}

/// Mixes two colours: the fraction `part / whole` of the way from one to the other.
fn mix(from: Colour, to: Colour, part: i32, whole: i32) -> Colour {
    let part = part.clamp(0, whole);
    [0, 1, 2].map(|it| from[it] + (to[it] - from[it]) * part / whole)
}

/// Goes up from 0 to half of the period, and down again.
fn zigzag(x: i32, period: i32) -> i32 {
    let place = x.rem_euclid(period);
    place.min(period - place)
}

fn is_in_circle(x: i32, y: i32, radius: i32) -> bool {
    x * x + y * y < radius * radius
}

/// A pseudo-random number, always the same for the same position.
fn noise(x: i32, y: i32) -> i32 {
    let mut bits =
        (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
    bits = (bits ^ (bits >> 15)).wrapping_mul(0x2C1B_3C6D);
    (bits ^ (bits >> 13)) as i32 & 0xFFFF
}
