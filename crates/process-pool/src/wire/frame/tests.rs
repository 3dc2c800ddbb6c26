use proptest::prelude::*;

use super::*;

/// Reads return at most this many bytes at a time, as a socket may.
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
            prop_assert_eq!(read(&mut source).unwrap(), frame);
        }
        let end = read(&mut source).unwrap_err();
        prop_assert_eq!(end.kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_torn_frame_is_an_error(
        body in prop::collection::vec(any::<u8>(), 0..100),
        keep in 0..107usize,
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
        while let Ok(body) = read(&mut source) {
            prop_assert!(body.len() <= wire.len());
        }
    }
}

#[test]
fn a_big_frame_goes_through_as_well() {
    let body = vec![7; 3 * SMALL];
    let mut wire = Vec::new();
    write(&mut wire, &[&[1, 2], &body, &[3]]).unwrap();
    let read = read(&mut &wire[..]).unwrap();
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
    // The announced length is 8 GiB.
    let error = read(&mut &wire[..]).unwrap_err();
    assert!(
        error.to_string().contains("10 of 8589934592 bytes"),
        "{error}"
    );
}
