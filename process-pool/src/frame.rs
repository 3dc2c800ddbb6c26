//! Frames: eight bytes of length, little endian, then that many bytes.
//!
//! Nothing the other side says is believed: a length above [`LIMIT`] is refused, and memory
//! grows with what really arrives, not with what was announced.

use std::io::{self, ErrorKind, Read, Write};

/// The longest frame that is sent or accepted.
pub(crate) const LIMIT: u64 = 8 << 30;

/// Up to this size a frame is put together in memory and sent with one system call.
pub(crate) const SMALL: usize = 32 << 10;

/// The most memory that a buffer keeps between two frames.
const KEEP: usize = 64 << 20;

/// Sends one frame that consists of these parts. A long part is not copied for it.
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

/// Receives one frame; `None` when the other side closed the channel between two frames.
pub(crate) fn read(source: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    Ok(read_into(source, &mut body)?.then_some(body))
}

/// As [`read`], into an empty buffer; `false` when there is no frame any more.
pub(crate) fn read_into(source: &mut impl Read, body: &mut Vec<u8>) -> io::Result<bool> {
    let mut length = [0; 8];
    loop {
        match source.read(&mut length[..1]) {
            Ok(0) => return Ok(false),
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    source.read_exact(&mut length[1..])?;
    let length = u64::from_le_bytes(length);
    check(length)?;
    body.reserve_exact(length.min(SMALL as u64) as usize);
    let arrived = source.take(length).read_to_end(body)? as u64;
    if arrived < length {
        let text = format!("a frame ended after {arrived} of {length} bytes");
        return Err(io::Error::new(ErrorKind::UnexpectedEof, text));
    }
    Ok(true)
}

/// Empties a buffer for the next frame. Fresh memory is what costs most about a big frame,
/// so it is kept, but no more than [`KEEP`], and not for long when frames are small again.
pub(crate) fn recycle(buffer: &mut Vec<u8>) {
    let keep = if buffer.len() > KEEP {
        0
    } else {
        SMALL.max(4 * buffer.len())
    };
    buffer.clear();
    buffer.shrink_to(keep);
}

/// Refuses a length above [`LIMIT`].
pub(crate) fn check(length: u64) -> io::Result<()> {
    if length > LIMIT {
        let text =
            format!("a frame of {length} bytes is longer than the limit of {LIMIT}");
        return Err(io::Error::new(ErrorKind::InvalidData, text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Hands out its bytes in pieces of at most this many, as a socket may.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = buffer.len().min(self.1);
            self.0.read(&mut buffer[..n])
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..6),
            split in 0..200usize,
            piece in 1..50usize,
        ) {
            let mut wire = Vec::new();
            for frame in &frames {
                let (head, body) = frame.split_at(split.min(frame.len()));
                write(&mut wire, &[head, body]).unwrap();
            }
            let mut source = Trickle(&wire, piece);
            for frame in frames {
                prop_assert_eq!(read(&mut source).unwrap(), Some(frame));
            }
            prop_assert_eq!(read(&mut source).unwrap(), None);
        }

        #[test]
        fn a_torn_frame_is_an_error(
            body in prop::collection::vec(any::<u8>(), 0..100),
            keep in 1..107usize,
        ) {
            let mut wire = Vec::new();
            write(&mut wire, &[&body]).unwrap();
            wire.truncate(keep.min(wire.len() - 1));
            let error = read(&mut &wire[..]).unwrap_err();
            prop_assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        }

        #[test]
        fn no_bytes_make_it_panic_or_hang(wire in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut source = &wire[..];
            while let Ok(Some(body)) = read(&mut source) {
                prop_assert!(body.len() <= wire.len());
            }
        }
    }

    #[test]
    fn a_big_frame_goes_through_as_well() {
        let body = vec![7; 3 * SMALL];
        let mut wire = Vec::new();
        write(&mut wire, &[&[1, 2], &body, &[3]]).unwrap();
        let read = read(&mut &wire[..]).unwrap().unwrap();
        assert_eq!(read, [&[1, 2], &body[..], &[3]].concat());
    }

    #[test]
    fn a_length_above_the_limit_is_refused() {
        for length in [LIMIT + 1, u64::MAX] {
            let error = read(&mut &length.to_le_bytes()[..]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData);
            assert!(
                error.to_string().contains("longer than the limit"),
                "{error}"
            );
        }
    }

    #[test]
    fn an_announced_length_takes_no_memory() {
        let mut wire = LIMIT.to_le_bytes().to_vec();
        wire.extend([0; 10]);
        // Would be eight gigabytes.
        let error = read(&mut &wire[..]).unwrap_err();
        assert!(
            error.to_string().contains("10 of 8589934592 bytes"),
            "{error}"
        );
    }
}
