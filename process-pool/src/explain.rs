//! What a value says when it refuses to be serialised.
//!
//! Postcard reports that, but drops the words. So after a failure the value is serialised
//! once more, into nothing, by a serializer that keeps them.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

/// The words of a value that `error` is about, or those of `error` itself.
pub(crate) fn refusal<T: Serialize>(value: &T, error: &postcard::Error) -> String {
    match value.serialize(Nowhere) {
        Err(Refusal(words)) => words,
        Ok(()) => error.to_string(),
    }
}

#[derive(Debug)]
struct Refusal(String);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

impl ser::Error for Refusal {
    fn custom<T: fmt::Display>(words: T) -> Refusal {
        Refusal(words.to_string())
    }
}

/// Takes everything and keeps nothing.
struct Nowhere;

macro_rules! take {
    ($($method:ident $value:ty,)*) => {
        $(fn $method(self, _: $value) -> Result<(), Refusal> { Ok(()) })*
    };
}

impl Serializer for Nowhere {
    type Ok = ();
    type Error = Refusal;
    type SerializeSeq = Nowhere;
    type SerializeTuple = Nowhere;
    type SerializeTupleStruct = Nowhere;
    type SerializeTupleVariant = Nowhere;
    type SerializeMap = Nowhere;
    type SerializeStruct = Nowhere;
    type SerializeStructVariant = Nowhere;

    take! {
        serialize_bool bool, serialize_char char, serialize_str &str, serialize_bytes &[u8],
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64,
        serialize_i128 i128, serialize_u128 u128, serialize_f32 f32, serialize_f64 f64,
        serialize_unit_struct &'static str,
    }

    fn serialize_none(self) -> Result<(), Refusal> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refusal> {
        value.serialize(Nowhere)
    }

    fn serialize_unit(self) -> Result<(), Refusal> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), Refusal> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        value.serialize(Nowhere)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        value.serialize(Nowhere)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Nowhere, Refusal> {
        length.map(|_| Nowhere).ok_or_else(unknown_length)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Nowhere, Refusal> {
        length.map(|_| Nowhere).ok_or_else(unknown_length)
    }

    fn serialize_tuple(self, _: usize) -> Result<Nowhere, Refusal> {
        Ok(Nowhere)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Nowhere, Refusal> {
        Ok(Nowhere)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Nowhere, Refusal> {
        Ok(Nowhere)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Nowhere, Refusal> {
        Ok(Nowhere)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Nowhere, Refusal> {
        Ok(Nowhere)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The one thing that postcard itself refuses.
fn unknown_length() -> Refusal {
    Refusal("a sequence or map of unknown length".to_owned())
}

macro_rules! descend {
    ($($kind:ident $method:ident($($name:ident: $key:ty),*),)*) => {
        $(impl ser::$kind for Nowhere {
            type Ok = ();
            type Error = Refusal;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: $key,)*
                value: &T,
            ) -> Result<(), Refusal> {
                value.serialize(Nowhere)
            }

            fn end(self) -> Result<(), Refusal> {
                Ok(())
            }
        })*
    };
}

descend! {
    SerializeSeq serialize_element(),
    SerializeTuple serialize_element(),
    SerializeTupleStruct serialize_field(),
    SerializeTupleVariant serialize_field(),
    SerializeStruct serialize_field(_name: &'static str),
    SerializeStructVariant serialize_field(_name: &'static str),
}

impl ser::SerializeMap for Nowhere {
    type Ok = ();
    type Error = Refusal;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refusal> {
        key.serialize(Nowhere)
    }

    fn serialize_value<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
    ) -> Result<(), Refusal> {
        value.serialize(Nowhere)
    }

    fn end(self) -> Result<(), Refusal> {
        Ok(())
    }
}
