use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::*;

/// The bytes of a value.
fn item<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(&mut bytes, value).unwrap();
    next_item(&mut &bytes[..]).unwrap().to_vec()
}

/// One variant for each kind of value that serde has.
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

/// Refuses to be encoded. Its message must arrive, even from deep inside a value.
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
    let words = decode::<Option<(u8, Unwilling)>>(&item(&(1, 1))).unwrap_err();
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

#[test]
fn serdes_attributes_mean_what_they_say() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        a: u32,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        b: Vec<u32>,
        c: u32,
        #[serde(flatten)]
        rest: BTreeMap<String, u32>,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Any {
        Number(u32),
        Text(String),
        Fields { x: Option<bool> },
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Row { x: u32 },
        Text { y: String },
    }
    let rest = || BTreeMap::from([("d".to_owned(), 4)]);
    let rows = [(0, vec![]), (1, vec![1, 7, 9])].map(|(a, b)| Row {
        a,
        b,
        c: 4,
        rest: rest(),
    });
    assert_eq!(decode::<[Row; 2]>(&item(&rows)).unwrap(), rows);
    let any = [
        Any::Number(1),
        Any::Text("x".to_owned()),
        Any::Fields { x: None },
    ];
    assert_eq!(decode::<[Any; 3]>(&item(&any)).unwrap(), any);
    let tagged = [Tagged::Row { x: 1 }, Tagged::Text { y: "z".to_owned() }];
    assert_eq!(decode::<[Tagged; 2]>(&item(&tagged)).unwrap(), tagged);
}

/// In another program a type of the same name may have other fields, or another order of
/// fields.
#[test]
fn fields_are_told_apart_by_name() {
    #[derive(Serialize)]
    struct Ours {
        a: u32,
        b: u32,
    }
    #[derive(Deserialize)]
    struct Theirs {
        b: u32,
        a: u32,
    }
    #[derive(Debug, Deserialize)]
    struct More {
        #[allow(dead_code, reason = "it is not there")]
        c: u32,
    }
    let bytes = item(&Ours { a: 1, b: 2 });
    let theirs: Theirs = decode(&bytes).unwrap();
    assert_eq!((theirs.a, theirs.b), (1, 2));
    assert_eq!(decode::<More>(&bytes).unwrap_err(), "missing field `c`");
}

#[test]
fn bytes_that_are_left_over_are_an_error() {
    for more in [item(&1_u8), item(&"text"), vec![0xd9], vec![0xc1]] {
        let bytes = [item(&7_u8), more].concat();
        let words = decode::<u8>(&bytes).unwrap_err();
        assert_eq!(words, "there are bytes left over", "{bytes:?}");
    }
}

#[test]
fn none_inside_of_some_is_refused_wherever_it_is() {
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Wrapped(Option<u8>);
    #[derive(Serialize)]
    struct Fields {
        x: Option<Option<u8>>,
    }
    #[derive(Serialize)]
    enum Variants {
        One(Option<()>),
        Two(u8, Option<()>),
        Fields { x: Option<()> },
    }
    fn refused<T: Serialize>(value: T) {
        let mut bytes = Vec::new();
        let words = encode(&mut bytes, &value).unwrap_err();
        assert!(words.contains("would arrive as None"), "{words}");
        assert!(bytes.is_empty());
    }
    refused(Some(None::<u8>));
    refused(Some(Some(None::<u8>)));
    refused(Some(()));
    refused(Some(Unit));
    refused(Some(Wrapped(None)));
    refused(vec![Some(())]);
    refused((1, Some(())));
    refused(BTreeMap::from([(1, Some(()))]));
    refused(BTreeMap::from([(Some(()), 1)]));
    refused(Some(Fields { x: Some(None) }));
    refused(Variants::One(Some(())));
    refused(Variants::Two(1, Some(())));
    refused(Variants::Fields { x: Some(()) });
    // Inside of a collection, `None` and `Some` stay different.
    let value = (Some(vec![None, Some(1)]), None::<Option<u8>>, ());
    let decoded =
        decode::<(Option<Vec<Option<u8>>>, Option<Option<u8>>, ())>(&item(&value));
    assert_eq!(decoded.unwrap(), value);
    assert_eq!(decode(&item(&Wrapped(None))), Ok(None::<u8>));
}

/// A list of boxes, one inside the other.
#[derive(Serialize, Deserialize)]
struct List {
    next: Option<Box<List>>,
}

#[test]
fn a_value_that_is_nested_too_deeply_is_an_error_and_no_stack_overflow() {
    let nested = |depth: usize| {
        // Nested maps with the key `next`: the encoding of a `List`, made without
        // recursion.
        let mut bytes = b"\x81\xa4next".repeat(depth);
        bytes.push(0xc0);
        bytes
    };
    // A thread of std has the smallest stack of all threads that decode.
    let decodes = std::thread::spawn(move || {
        assert!(decode::<List>(&nested(100)).is_ok());
        for depth in [MAX_DEPTH + 1, 30_000, 1_000_000] {
            let words = decode::<List>(&nested(depth)).err().unwrap();
            assert_eq!(words, "depth limit exceeded", "{depth}");
        }
    });
    decodes.join().unwrap();
}
