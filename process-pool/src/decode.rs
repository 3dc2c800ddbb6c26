//! Values as bytes, half two: a deserializer for what `encode` writes.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use crate::encode::Refusal;

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(words: T) -> Refusal {
        refusal(words)
    }
}

fn refusal(words: impl fmt::Display) -> Refusal {
    Refusal(words.to_string())
}

/// The value that these bytes are, all of them.
pub(crate) fn decode<'de, T: de::Deserialize<'de>>(
    bytes: &'de [u8],
) -> Result<T, Refusal> {
    let (value, rest) = decode_first(bytes)?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(refusal(format!("{} bytes are left over", rest.len())))
    }
}

/// The value that these bytes begin with, and the bytes after it.
pub(crate) fn decode_first<'de, T: de::Deserialize<'de>>(
    bytes: &'de [u8],
) -> Result<(T, &'de [u8]), Refusal> {
    let mut decoder = Decoder(bytes);
    let value = T::deserialize(&mut decoder)?;
    Ok((value, decoder.0))
}

/// Takes the bytes of the next item off the front. Whatever is in them, the next call finds
/// the next item.
pub(crate) fn next_item<'de>(bytes: &mut &'de [u8]) -> Result<&'de [u8], Refusal> {
    let mut decoder = Decoder(bytes);
    let item = decoder.counted();
    *bytes = if item.is_ok() { decoder.0 } else { &[] };
    item
}

struct Decoder<'de>(&'de [u8]);

impl<'de> Decoder<'de> {
    fn take(&mut self, length: usize) -> Result<&'de [u8], Refusal> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or_else(|| refusal("the bytes end too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// A length beyond what memory can hold is beyond what is left as well.
    fn length(&mut self) -> Result<usize, Refusal> {
        Ok(usize::try_from(u64::from_le_bytes(self.array()?)).unwrap_or(usize::MAX))
    }

    /// Bytes that follow their length.
    fn counted(&mut self) -> Result<&'de [u8], Refusal> {
        let length = self.length()?;
        self.take(length)
    }

    fn flag(&mut self) -> Result<bool, Refusal> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(refusal(format!("{other} is neither true nor false"))),
        }
    }
}

/// Methods that differ in one expression, a line for each.
macro_rules! deserialize {
    (|$this:ident, $visitor:ident|
     $($method:ident($($name:ident: $type:ty),*) => $body:expr;)*) => {
        $(#[allow(unused_variables)]
        fn $method<V: Visitor<'de>>(
            self,
            $($name: $type,)*
            $visitor: V,
        ) -> Result<V::Value, Refusal> {
            let $this = self;
            $body
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Decoder<'de> {
    type Error = Refusal;

    deserialize! { |this, visitor|
        deserialize_i8() => visitor.visit_i8(i8::from_le_bytes(this.array()?));
        deserialize_i16() => visitor.visit_i16(i16::from_le_bytes(this.array()?));
        deserialize_i32() => visitor.visit_i32(i32::from_le_bytes(this.array()?));
        deserialize_i64() => visitor.visit_i64(i64::from_le_bytes(this.array()?));
        deserialize_i128() => visitor.visit_i128(i128::from_le_bytes(this.array()?));
        deserialize_u8() => visitor.visit_u8(u8::from_le_bytes(this.array()?));
        deserialize_u16() => visitor.visit_u16(u16::from_le_bytes(this.array()?));
        deserialize_u32() => visitor.visit_u32(u32::from_le_bytes(this.array()?));
        deserialize_u64() => visitor.visit_u64(u64::from_le_bytes(this.array()?));
        deserialize_u128() => visitor.visit_u128(u128::from_le_bytes(this.array()?));
        deserialize_f32() => visitor.visit_f32(f32::from_le_bytes(this.array()?));
        deserialize_f64() => visitor.visit_f64(f64::from_le_bytes(this.array()?));
        deserialize_bool() => visitor.visit_bool(this.flag()?);
        deserialize_char() => {
            let number = u32::from_le_bytes(this.array()?);
            let letter = char::from_u32(number);
            visitor.visit_char(letter.ok_or_else(|| refusal("no character"))?)
        };
        deserialize_str() => {
            let text = std::str::from_utf8(this.counted()?).map_err(refusal)?;
            visitor.visit_borrowed_str(text)
        };
        deserialize_string() => this.deserialize_str(visitor);
        deserialize_bytes() => visitor.visit_borrowed_bytes(this.counted()?);
        deserialize_byte_buf() => this.deserialize_bytes(visitor);
        deserialize_option() => match this.flag()? {
            true => visitor.visit_some(this),
            false => visitor.visit_none(),
        };
        deserialize_unit() => visitor.visit_unit();
        deserialize_unit_struct(_name: &'static str) => visitor.visit_unit();
        deserialize_newtype_struct(_name: &'static str) =>
            visitor.visit_newtype_struct(this);
        deserialize_seq() => {
            let left = this.length()?;
            visitor.visit_seq(Elements { decoder: this, left })
        };
        deserialize_map() => {
            let left = this.length()?;
            visitor.visit_map(Elements { decoder: this, left })
        };
        deserialize_tuple(left: usize) =>
            visitor.visit_seq(Elements { decoder: this, left });
        deserialize_tuple_struct(_name: &'static str, length: usize) =>
            this.deserialize_tuple(length, visitor);
        deserialize_struct(_name: &'static str, fields: &'static [&'static str]) =>
            this.deserialize_tuple(fields.len(), visitor);
        deserialize_enum(_name: &'static str, _variants: &'static [&'static str]) =>
            visitor.visit_enum(this);
        deserialize_any() => unknown::<V>();
        deserialize_identifier() => unknown::<V>();
        deserialize_ignored_any() => unknown::<V>();
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Only a format that says what follows could do this.
fn unknown<'de, V: Visitor<'de>>() -> Result<V::Value, Refusal> {
    Err(refusal(
        "a type that does not say what it is (`untagged`, `flatten`) cannot be sent",
    ))
}

/// What is left of a sequence, a tuple or a map.
struct Elements<'a, 'de> {
    decoder: &'a mut Decoder<'de>,
    left: usize,
}

impl<'de> Elements<'_, 'de> {
    fn next<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.decoder).map(Some)
    }
}

impl<'de> de::SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Refusal;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        self.next(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> de::MapAccess<'de> for Elements<'_, 'de> {
    type Error = Refusal;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        self.next(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, Refusal> {
        seed.deserialize(&mut *self.decoder)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> de::EnumAccess<'de> for &mut Decoder<'de> {
    type Error = Refusal;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self), Refusal> {
        let index = u32::from_le_bytes(self.array()?);
        let deserializer: de::value::U32Deserializer<Refusal> = index.into_deserializer();
        Ok((seed.deserialize(deserializer)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for &mut Decoder<'de> {
    type Error = Refusal;

    deserialize! { |this, visitor|
        tuple_variant(length: usize) => this.deserialize_tuple(length, visitor);
        struct_variant(fields: &'static [&'static str]) =>
            this.deserialize_tuple(fields.len(), visitor);
    }

    fn unit_variant(self) -> Result<(), Refusal> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<S::Value, Refusal> {
        seed.deserialize(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::encode::{encode, encode_item};

    /// One of everything that serde knows.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Value {
        Unit,
        Number(i128),
        Pair(u8, char),
        Fields { flag: bool, text: String, real: f64 },
        Nested(Option<Option<Box<Value>>>),
        Many(Vec<Value>),
        Map(BTreeMap<String, (u16, ())>),
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Unit),
            Just(Value::Nested(None)),
            Just(Value::Nested(Some(None))),
            any::<i128>().prop_map(Value::Number),
            any::<(u8, char)>().prop_map(|(a, b)| Value::Pair(a, b)),
            (any::<bool>(), any::<String>(), -1e300..1e300)
                .prop_map(|(flag, text, real)| Value::Fields { flag, text, real }),
            prop::collection::btree_map(any::<String>(), any::<(u16, ())>(), 0..4)
                .prop_map(Value::Map),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                inner
                    .clone()
                    .prop_map(|value| Value::Nested(Some(Some(Box::new(value))))),
                prop::collection::vec(inner, 0..6).prop_map(Value::Many),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(values in prop::collection::vec(value(), 0..5)) {
            let mut bytes = Vec::new();
            for value in &values {
                encode_item(&mut bytes, value).unwrap();
            }
            let mut rest = &bytes[..];
            for value in values {
                let item = next_item(&mut rest).unwrap();
                prop_assert_eq!(decode::<Value>(item).unwrap(), value);
            }
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode::<Value>(&bytes);
            let mut rest = &bytes[..];
            while next_item(&mut rest).is_ok_and(|_| !rest.is_empty()) {}
        }

        #[test]
        fn torn_bytes_are_an_error(value in value(), cut in 1..50usize) {
            let mut bytes = Vec::new();
            encode(&mut bytes, &value).unwrap();
            let cut = cut.min(bytes.len());
            bytes.truncate(bytes.len() - cut);
            prop_assert!(decode::<Value>(&bytes).is_err());
        }
    }

    #[test]
    fn a_field_that_is_left_out_is_an_error_and_not_garbage() {
        #[derive(Serialize)]
        struct Skips {
            #[serde(skip_serializing_if = "Option::is_none")]
            first: Option<u8>,
        }
        let mut bytes = vec![7];
        encode_item(&mut bytes, &Skips { first: Some(1) }).unwrap();
        let length = bytes.len();
        let refusal = encode_item(&mut bytes, &Skips { first: None }).unwrap_err();
        assert!(refusal.0.contains("first"), "{refusal}");
        assert_eq!(bytes.len(), length, "a refusal leaves nothing behind");
    }

    #[test]
    fn a_type_that_does_not_say_what_it_is_is_an_error() {
        #[derive(Debug, Deserialize)]
        #[serde(untagged)]
        #[allow(dead_code, reason = "it is never made")]
        enum Untagged {
            Number(u8),
        }
        let refusal = decode::<Untagged>(&[1]).unwrap_err();
        assert!(refusal.0.contains("untagged"), "{refusal}");
    }
}
