//! Frames: eight bytes of length, little endian, then that many bytes.
//!
//! The other side is not trusted: a length above [`LIMIT`] is refused, and memory grows
//! with the bytes that arrive, not with the announced length.

use std::io::{self, ErrorKind, Read, Write};

/// The longest frame that is sent or accepted.
pub(crate) const LIMIT: u64 = 8 << 30;

/// A frame up to this size is copied into one buffer and sent with one system call.
pub(crate) const SMALL: usize = 32 << 10;

/// The most memory that a buffer keeps between two frames.
const KEEP: usize = 64 << 20;

/// Sends one frame that consists of these parts. Long parts are not copied.
pub(crate) fn write(sink: &mut impl Write, parts: &[&[u8]]) -> io::Result<()> {
    let length = parts.iter().map(|part| part.len() as u64).sum();
    check(length)?;
    let mut small = Vec::with_capacity(8 + length.min(SMALL as u64) as usize);
    small.extend(length.to_le_bytes());
    for part in parts {
        if small.len() + part.len() <= 8 + SMALL {
            small.extend(*part);
        } else {
            sink.write_all(&small)?;
            small.clear();
            sink.write_all(part)?;
        }
    }
    sink.write_all(&small)
}

/// Receives one frame.
pub(crate) fn read(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    read_into(source, &mut body).map(|()| body)
}

/// As [`read`], into an empty buffer.
pub(crate) fn read_into(source: &mut impl Read, body: &mut Vec<u8>) -> io::Result<()> {
    let mut length = [0; 8];
    source.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    check(length)?;
    body.reserve_exact(length.min(SMALL as u64) as usize);
    let arrived = source.take(length).read_to_end(body)? as u64;
    if arrived < length {
        let text = format!("a frame ended after {arrived} of {length} bytes");
        return Err(io::Error::new(ErrorKind::UnexpectedEof, text));
    }
    Ok(())
}

/// Empties a buffer for the next frame. Allocating memory is the greatest cost of a big
/// frame, so the buffer keeps up to [`KEEP`] of it. When frames are small again, it soon
/// shrinks.
pub(crate) fn recycle(buffer: &mut Vec<u8>) {
    let keep = match buffer.len() {
        length @ ..=KEEP => SMALL.max(4 * length),
        _ => 0,
    };
    buffer.clear();
    buffer.shrink_to(keep);
}

/// Refuses items that leave no room in a frame for the header before them and the number
/// after them.
pub(crate) fn has_room(items: &[u8]) -> Result<(), String> {
    let fits = (items.len() as u64) < LIMIT - (1 << 20);
    fits.then_some(())
        .ok_or_else(|| "it is too long".to_owned())
}

fn check(length: u64) -> io::Result<()> {
    if length > LIMIT {
        let text =
            format!("a frame of {length} bytes is longer than the limit of {LIMIT}");
        return Err(io::Error::new(ErrorKind::InvalidData, text));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
