//! Values as bytes, in the format BARE: small, exact, and what a value says when it refuses
//! is kept. (Postcard drops those words; formats that name types lose the difference
//! between `Some(None)` and `None`.)

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Appends a value as an item: its length, then its bytes, so that a reader finds the next
/// item whatever this one is. A value that refuses leaves nothing behind.
///
/// # Errors
/// The words of the value, or of serde.
pub(crate) fn encode<T: Serialize>(bytes: &mut Vec<u8>, value: &T) -> Result<(), String> {
    let start = bytes.len();
    bytes.extend([0; 8]);
    let encoded = serde_bare::to_writer(&mut *bytes, value);
    let length = (bytes.len() - start - 8) as u64;
    if encoded.is_ok() {
        bytes[start..start + 8].copy_from_slice(&length.to_le_bytes());
    } else {
        bytes.truncate(start);
    }
    encoded.map_err(|error| error.to_string())
}

/// Takes the bytes of the next item off the front. Whatever is in them, the next call finds
/// the next item.
pub(crate) fn next_item<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let split = bytes.split_first_chunk::<8>().and_then(|(length, rest)| {
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        rest.split_at_checked(length)
    });
    let (item, rest) = split.ok_or("the bytes end too early")?;
    *bytes = rest;
    Ok(item)
}

/// The value of an item.
pub(crate) fn decode<T: DeserializeOwned>(item: &[u8]) -> Result<T, String> {
    serde_bare::from_slice(item).map_err(|error| error.to_string())
}

#[cfg(test)]
#[path = "../tests/unit/codec.rs"]
mod tests;
