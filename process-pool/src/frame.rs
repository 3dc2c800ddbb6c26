//! Frames: eight bytes of length, little endian, then that many bytes.
//!
//! Nothing the other side says is believed: a length above [`LIMIT`] is refused, and memory
//! grows with what really arrives, not with what was announced.

use std::io::{self, ErrorKind, Read, Write};

/// The longest frame that is sent or accepted.
pub(crate) const LIMIT: u64 = 8 << 30;

/// Up to this size a frame is put together in memory and sent with one system call.
pub(crate) const SMALL: usize = 32 << 10;

/// Sends one frame that consists of `head` and `body`.
pub(crate) fn write(sink: &mut impl Write, head: &[u8], body: &[u8]) -> io::Result<()> {
    let length = (head.len() + body.len()) as u64;
    check(length)?;
    let small = head.len() + body.len() <= SMALL;
    let mut start =
        Vec::with_capacity(8 + head.len() + if small { body.len() } else { 0 });
    start.extend(length.to_le_bytes());
    start.extend(head);
    if small {
        start.extend(body);
        return sink.write_all(&start);
    }
    sink.write_all(&start)?;
    sink.write_all(body)
}

/// Receives one frame; `None` when the other side closed the channel between two frames.
pub(crate) fn read(source: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    loop {
        match source.read(&mut length[..1]) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    source.read_exact(&mut length[1..])?;
    let length = u64::from_le_bytes(length);
    check(length)?;
    let mut body = Vec::with_capacity(length.min(SMALL as u64) as usize);
    let arrived = source.take(length).read_to_end(&mut body)? as u64;
    if arrived < length {
        let text = format!("a frame ended after {arrived} of {length} bytes");
        return Err(io::Error::new(ErrorKind::UnexpectedEof, text));
    }
    Ok(Some(body))
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
