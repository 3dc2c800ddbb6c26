//! Values as bytes, half one: the format, and a serializer that writes it.
//!
//! Numbers have their width, little endian; `bool`, `char` and the tag of an `Option` are
//! numbers; lengths are `u64` and variants `u32`; a struct or tuple is its fields, and
//! nothing but its fields. Both ends are the same version of this crate, so nothing else is
//! needed.
//!
//! It is the pool's own because of the errors: what a value says when it refuses must
//! arrive in the program's hands. Postcard drops those words; what keeps them is
//! unmaintained, or cannot tell `Some(None)` from `None`.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

/// What serde, or the value itself, says about a failure.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) String);

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

/// Appends a value's bytes. After a failure there may be some of them.
pub(crate) fn encode<T: Serialize>(
    bytes: &mut Vec<u8>,
    value: &T,
) -> Result<(), Refusal> {
    value.serialize(Encoder(bytes))
}

/// Appends a value as an item: its length, then its bytes, so that a reader finds the next
/// item whatever this one is. A value that refuses leaves nothing behind.
pub(crate) fn encode_item<T: Serialize>(
    bytes: &mut Vec<u8>,
    value: &T,
) -> Result<(), Refusal> {
    let start = bytes.len();
    bytes.extend([0; 8]);
    let encoded = encode(bytes, value);
    match encoded {
        Ok(()) => {
            let length = bytes.len() - start - 8;
            bytes[start..start + 8].copy_from_slice(&(length as u64).to_le_bytes());
        }
        Err(_) => bytes.truncate(start),
    }
    encoded
}

struct Encoder<'a>(&'a mut Vec<u8>);

impl<'a> Encoder<'a> {
    fn put(self, bytes: &[u8]) -> Result<(), Refusal> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    /// A length that is counted along the way, because the value may not know it.
    fn counted(self) -> Counted<'a> {
        let place = self.0.len();
        self.0.extend([0; 8]);
        Counted {
            bytes: self.0,
            place,
            count: 0,
        }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        value.serialize(Encoder(self.0))
    }

    fn finish(self) -> Result<(), Refusal> {
        Ok(())
    }

    fn variant(self, index: u32) -> Encoder<'a> {
        self.0.extend(index.to_le_bytes());
        self
    }
}

/// Methods that differ in one expression, a line for each.
macro_rules! serialize {
    (|$this:ident| $($method:ident($($name:ident: $type:ty),*) -> $ok:ty => $body:expr;)*) => {
        $(#[allow(unused_variables)]
        fn $method(self, $($name: $type),*) -> Result<$ok, Refusal> {
            let $this = self;
            $body
        })*
    };
}

/// What a serializer is told about a variant: its type's name, its number, its own name.
type Name = &'static str;

impl<'a> Serializer for Encoder<'a> {
    type Ok = ();
    type Error = Refusal;
    type SerializeSeq = Counted<'a>;
    type SerializeTuple = Encoder<'a>;
    type SerializeTupleStruct = Encoder<'a>;
    type SerializeTupleVariant = Encoder<'a>;
    type SerializeMap = Counted<'a>;
    type SerializeStruct = Encoder<'a>;
    type SerializeStructVariant = Encoder<'a>;

    serialize! { |this|
        serialize_i8(n: i8) -> () => this.put(&n.to_le_bytes());
        serialize_i16(n: i16) -> () => this.put(&n.to_le_bytes());
        serialize_i32(n: i32) -> () => this.put(&n.to_le_bytes());
        serialize_i64(n: i64) -> () => this.put(&n.to_le_bytes());
        serialize_i128(n: i128) -> () => this.put(&n.to_le_bytes());
        serialize_u8(n: u8) -> () => this.put(&[n]);
        serialize_u16(n: u16) -> () => this.put(&n.to_le_bytes());
        serialize_u32(n: u32) -> () => this.put(&n.to_le_bytes());
        serialize_u64(n: u64) -> () => this.put(&n.to_le_bytes());
        serialize_u128(n: u128) -> () => this.put(&n.to_le_bytes());
        serialize_f32(n: f32) -> () => this.put(&n.to_le_bytes());
        serialize_f64(n: f64) -> () => this.put(&n.to_le_bytes());
        serialize_bool(flag: bool) -> () => this.put(&[u8::from(flag)]);
        serialize_char(letter: char) -> () => this.serialize_u32(letter.into());
        serialize_str(text: &str) -> () => this.serialize_bytes(text.as_bytes());
        serialize_bytes(bytes: &[u8]) -> () => {
            this.0.extend((bytes.len() as u64).to_le_bytes());
            this.put(bytes)
        };
        serialize_none() -> () => this.put(&[0]);
        serialize_unit() -> () => Ok(());
        serialize_unit_struct(_name: Name) -> () => Ok(());
        serialize_unit_variant(_type: Name, index: u32, _name: Name) -> () =>
            this.serialize_u32(index);
        serialize_seq(_length: Option<usize>) -> Counted<'a> => Ok(this.counted());
        serialize_map(_length: Option<usize>) -> Counted<'a> => Ok(this.counted());
        serialize_tuple(_length: usize) -> Encoder<'a> => Ok(this);
        serialize_tuple_struct(_name: Name, _length: usize) -> Encoder<'a> => Ok(this);
        serialize_struct(_name: Name, _length: usize) -> Encoder<'a> => Ok(this);
        serialize_tuple_variant(_type: Name, index: u32, _name: Name, _length: usize)
            -> Encoder<'a> => Ok(this.variant(index));
        serialize_struct_variant(_type: Name, index: u32, _name: Name, _length: usize)
            -> Encoder<'a> => Ok(this.variant(index));
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refusal> {
        self.0.push(1);
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: Name,
        value: &T,
    ) -> Result<(), Refusal> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: Name,
        index: u32,
        _: Name,
        value: &T,
    ) -> Result<(), Refusal> {
        value.serialize(self.variant(index))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// A sequence or map, whose length is written when it has ended.
struct Counted<'a> {
    bytes: &'a mut Vec<u8>,
    place: usize,
    count: u64,
}

impl Counted<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        value.serialize(Encoder(self.bytes))
    }

    fn finish(self) -> Result<(), Refusal> {
        self.bytes[self.place..self.place + 8].copy_from_slice(&self.count.to_le_bytes());
        Ok(())
    }
}

/// The parts of a value that has parts.
macro_rules! compound {
    ($($kind:ident for $type:ident {
        $($method:ident($($name:ident)?) $($count:literal)?),+
    })*) => {
        $(impl ser::$kind for $type<'_> {
            type Ok = ();
            type Error = Refusal;

            $(fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: Name,)?
                value: &T,
            ) -> Result<(), Refusal> {
                $(self.count += $count;)?
                self.element(value)
            })+

            fn end(self) -> Result<(), Refusal> {
                self.finish()
            }

            $(compound! { @skip $($name)? })+
        })*
    };
    (@skip) => {};
    // The reader would take the next field for this one.
    (@skip $name:ident) => {
        fn skip_field(&mut self, field: Name) -> Result<(), Refusal> {
            let words = "cannot be left out (`skip_serializing_if`)";
            Err(Refusal(format!("the field {field} {words}")))
        }
    };
}

compound! {
    SerializeSeq for Counted { serialize_element() 1 }
    SerializeMap for Counted { serialize_key() 1, serialize_value() }
    SerializeTuple for Encoder { serialize_element() }
    SerializeTupleStruct for Encoder { serialize_field() }
    SerializeTupleVariant for Encoder { serialize_field() }
    SerializeStruct for Encoder { serialize_field(_name) }
    SerializeStructVariant for Encoder { serialize_field(_name) }
}
