//! Why a photo has no thumbnail.

use std::fmt;

use zune_jpeg::errors::DecodeErrors;

use crate::MOST_PIXELS;

/// Why a photo has no thumbnail.
#[derive(Debug)]
pub enum Error {
    /// It does not begin with the first bytes of a JPEG.
    NoJpeg,
    /// Its end is missing.
    EndsEarly,
    /// It is broken.
    Broken(DecodeErrors),
    /// Its header has no size.
    NoSize,
    /// It has more than [`MOST_PIXELS`].
    TooLarge {
        /// Its width in pixels.
        width: usize,
        /// Its height in pixels.
        height: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::NoJpeg => f.write_str("not a JPEG"),
            Error::EndsEarly => f.write_str("the JPEG ends early"),
            Error::Broken(cause) => write!(f, "cannot decode the JPEG: {cause:?}"),
            Error::NoSize => {
                f.write_str("cannot decode the JPEG: it does not say how large it is")
            }
            Error::TooLarge { width, height } => {
                let most = MOST_PIXELS / 1_000_000;
                write!(f, "{width}x{height} is more than {most} megapixels")
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<DecodeErrors> for Error {
    fn from(error: DecodeErrors) -> Self {
        Error::Broken(error)
    }
}
