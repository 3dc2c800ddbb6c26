//! Values as bytes, in MessagePack. Fields and variants are sent with their names, so a
//! value arrives unchanged or not at all. Errors of a value's own `Serialize` and
//! `Deserialize` keep their message.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::strict::Strict;

/// How deeply a value may be nested. Decoding a deeper one could overflow the stack and
/// abort the process.
const MAX_DEPTH: usize = 256;

/// Appends a value as an item: its length, then its bytes. So a reader finds the next item
/// even if it cannot decode this one. On an error, changes nothing.
///
/// # Errors
/// The message of serde, or of the value's own `Serialize`.
pub(crate) fn encode<T: Serialize>(bytes: &mut Vec<u8>, value: &T) -> Result<(), String> {
    let start = bytes.len();
    bytes.extend([0; 8]);
    let mut serializer = rmp_serde::Serializer::new(&mut *bytes).with_struct_map();
    let encoded = value.serialize(Strict::new(&mut serializer));
    let length = (bytes.len() - start - 8) as u64;
    if encoded.is_ok() {
        bytes[start..start + 8].copy_from_slice(&length.to_le_bytes());
    } else {
        bytes.truncate(start);
    }
    encoded.map_err(|error| error.to_string())
}

/// Takes the bytes of the next item off the front. The next call gets the next item even if
/// this one cannot be decoded.
pub(crate) fn next_item<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], String> {
    let split = bytes.split_first_chunk::<8>().and_then(|(length, rest)| {
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        rest.split_at_checked(length)
    });
    let (item, rest) = split.ok_or("the bytes end too early")?;
    *bytes = rest;
    Ok(item)
}

/// Decodes the value of an item.
pub(crate) fn decode<T: DeserializeOwned>(item: &[u8]) -> Result<T, String> {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(item);
    deserializer.set_max_depth(MAX_DEPTH);
    let value = T::deserialize(&mut deserializer).map_err(|error| error.to_string())?;
    match IgnoredAny::deserialize(&mut deserializer) {
        Err(rmp_serde::decode::Error::InvalidMarkerRead(_)) => Ok(value), // No more bytes.
        _ => Err("there are bytes left over".to_owned()),
    }
}

#[cfg(test)]
mod tests;
