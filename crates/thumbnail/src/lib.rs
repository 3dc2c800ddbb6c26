//! Shrinks a photo to a thumbnail: JPEG to JPEG.
//!
//! ```
//! # let photo = include_bytes!("../../workloads/photos/0.jpg");
//! let thumbnail = thumbnail::shrink(photo, 128)?;
//! assert_eq!(thumbnail.to_string(), "128x96");
//! # Ok::<_, thumbnail::Error>(())
//! ```
//!
//! The decoder is zune-jpeg, which the crate `image` uses as well. `image` itself would be nine
//! crates instead of three and take ten times as long to compile. It adds colour profiles,
//! which a thumbnail does not need.
//!
//! It does the same as Pillow's
//! `image.thumbnail((size, size), Resampling.BOX, reducing_gap=None)`. The width and the height
//! are the same to the pixel. Like Pillow's, it does not rotate a photo that was taken with the
//! camera turned.

mod average;
mod error;
mod fit;

use std::fmt;

use jpeg_encoder::{ColorType, Encoder};
use serde::{Deserialize, Serialize};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

pub use error::Error;

/// A photo with more pixels is not decoded. This many take 300 MB when decoded.
pub const MOST_PIXELS: usize = 100_000_000;

/// The default of Pillow's `save`.
const QUALITY: u8 = 75;

/// The first bytes of every JPEG.
const START: [u8; 2] = [0xFF, 0xD8];

/// The two bytes before each scan of pixels, of which there may be several.
const SCAN: [u8; 2] = [0xFF, 0xDA];

/// The last two bytes of every JPEG.
const END: [u8; 2] = [0xFF, 0xD9];

/// Width and height, in pixels.
type Size = (usize, usize);

/// Red, green and blue.
const CHANNELS: usize = 3;

/// Shrinks a photo to fit a square of `size` pixels. Keeps the ratio of width to height. Never
/// enlarges the photo.
///
/// The size in the photo's header counts, as in Pillow and in browsers. If there are fewer
/// pixels than the header says, the rest is grey. If there are more, they are left out.
///
/// # Errors
///
/// The photo is no JPEG, is broken or ends early, or its header says that it has more than
/// [`MOST_PIXELS`].
#[tracing::instrument(skip_all, ret, err)] // for `--trace`
pub fn shrink(photo: &[u8], size: u16) -> Result<Thumbnail, Error> {
    if !photo.starts_with(&START) {
        return Err(Error::NoJpeg);
    }
    // The decoder would fill missing pixels with grey, so the end is checked here. The two
    // bytes of the end cannot occur among the pixels.
    let last_scan = photo.windows(2).rposition(|pair| pair == SCAN);
    let is_complete = |scan: &[u8]| scan.windows(2).any(|pair| pair == END);
    if !last_scan.is_some_and(|place| is_complete(&photo[place..])) {
        return Err(Error::EndsEarly);
    }
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(photo), options);
    decoder.decode_headers()?;
    let (width, height) = decoder.dimensions().ok_or(Error::NoSize)?;
    if width * height > MOST_PIXELS {
        return Err(Error::TooLarge { width, height });
    }
    let pixels = decoder.decode()?;
    if pixels.len() != width * height * CHANNELS {
        return Err(Error::NoSize);
    }

    let to = fit::fit((width, height), usize::from(size));
    let pixels = average::shrink(&pixels, (width, height), to);
    Ok(Thumbnail::encode(&pixels, to))
}

/// A small JPEG. Prints as its width and height: `128x96`.
///
/// It can be sent between processes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thumbnail {
    width: u16,
    height: u16,
    /// As bytes: by default serde writes a list of numbers, which takes ten times as long to
    /// send.
    #[serde(with = "serde_bytes")]
    jpeg: Vec<u8>,
}

impl Thumbnail {
    fn encode(pixels: &[u8], (width, height): Size) -> Self {
        let [width, height] =
            [width, height].map(|it| u16::try_from(it).expect("no larger than a JPEG"));
        let mut jpeg = Vec::new();
        Encoder::new(&mut jpeg, QUALITY)
            .encode(pixels, width, height, ColorType::Rgb)
            .expect("a vector takes all that is written to it");
        Thumbnail {
            width,
            height,
            jpeg,
        }
    }

    /// Its width in pixels.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Its height in pixels.
    pub fn height(&self) -> u16 {
        self.height
    }
}

/// The bytes of the JPEG file.
impl AsRef<[u8]> for Thumbnail {
    fn as_ref(&self) -> &[u8] {
        &self.jpeg
    }
}

impl fmt::Display for Thumbnail {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// Without the bytes themselves, which would fill a log.
impl fmt::Debug for Thumbnail {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Thumbnail({self}, {} bytes)", self.jpeg.len())
    }
}
