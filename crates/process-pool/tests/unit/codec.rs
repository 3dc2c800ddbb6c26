//! The unit tests of `src/codec.rs`.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;

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
            encode(&mut bytes, value).unwrap();
        }
        let mut rest = &bytes[..];
        for value in values {
            let item = next_item(&mut rest).unwrap();
            prop_assert_eq!(decode::<Value>(item).unwrap(), value);
        }
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn no_bytes_make_it_panic_or_hang(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut rest = &bytes[..];
        while let Ok(item) = next_item(&mut rest) {
            prop_assert!(item.len() <= bytes.len());
        }
        let _ = decode::<(u64, Option<String>, f64)>(&bytes);
    }
}

/// Its words must arrive, from however deep inside.
#[derive(Debug)]
struct Unwilling;

impl Serialize for Unwilling {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("not today"))
    }
}

impl<'de> Deserialize<'de> for Unwilling {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Unwilling, D::Error> {
        Err(serde::de::Error::custom("not here"))
    }
}

#[test]
fn a_refusal_keeps_its_words_and_leaves_nothing_behind() {
    let mut bytes = vec![7];
    let words = encode(&mut bytes, &[Some((1, Unwilling))]).unwrap_err();
    assert_eq!(words, "not today");
    assert_eq!(bytes, [7]);
    let words = decode::<Option<(u8, Unwilling)>>(&[1, 1]).unwrap_err();
    assert_eq!(words, "not here");
}

#[test]
fn a_torn_item_is_an_error() {
    let mut bytes = Vec::new();
    encode(&mut bytes, &"some text").unwrap();
    for length in 0..bytes.len() {
        assert!(next_item(&mut &bytes[..length]).is_err());
    }
}
