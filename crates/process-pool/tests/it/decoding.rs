//! Values that the other side cannot decode: an item that fails affects no other value or
//! message. Rows PP-03, PP-08 and PP-09.

use std::collections::HashSet;
use std::fmt;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use process_pool::{Error, Value, WorkerEntry};
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::common::*;

pub fn functions(entry: WorkerEntry) -> WorkerEntry {
    entry
        .function(number_of)
        .function(give)
        .initializer(start_with)
}

/// How a value behaves when it is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Mood {
    Good,
    /// Refuses after every byte has been read.
    Refuse,
    /// Refuses before its last field is read.
    RefuseHalfway,
    /// Refuses the first time only, in each process.
    RefuseOnce,
    Panic,
}

/// The fields have different lengths, so a reader at a wrong position gets wrong values.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    number: u64,
    mood: Mood,
    text: String,
}

impl Item {
    fn new(number: u64, mood: Mood) -> Item {
        let text = "x".repeat(number as usize % 50);
        Item { number, mood, text }
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.number, self.mood, &self.text).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Item, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Item;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an item")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item, A::Error> {
                static REFUSED: Mutex<Option<HashSet<u64>>> = Mutex::new(None);
                let missing = || de::Error::custom("a field is missing");
                let number = seq.next_element()?.ok_or_else(missing)?;
                let mood = seq.next_element()?.ok_or_else(missing)?;
                let refuse = || Err(de::Error::custom(format!("{number} is refused")));
                if mood == Mood::RefuseHalfway {
                    return refuse();
                }
                let text = seq.next_element()?.ok_or_else(missing)?;
                match mood {
                    Mood::Refuse => refuse(),
                    Mood::RefuseOnce => {
                        let mut refused = REFUSED.lock().unwrap();
                        if refused.get_or_insert_default().insert(number) {
                            return refuse();
                        }
                        Ok(Item { number, mood, text })
                    }
                    Mood::Panic => panic!("{number} is refused"),
                    _ => Ok(Item { number, mood, text }),
                }
            }
        }

        deserializer.deserialize_tuple(3, Fields)
    }
}

fn number_of(item: Item) -> u64 {
    assert_eq!(item.text.len() as u64, item.number % 50);
    item.number
}

fn give((number, mood): (u64, Mood)) -> Item {
    Item::new(number, mood)
}

fn start_with(_: Item) {}

const BAD: [Mood; 4] = [
    Mood::Refuse,
    Mood::RefuseHalfway,
    Mood::RefuseOnce,
    Mood::Panic,
];

/// For chunks of eight items, the positions of those that fail.
const PLACES: [&[usize]; 5] = [&[0], &[2], &[3, 4], &[7], &[0, 1, 2, 4, 5, 6, 7]];

/// Sizes that put the failing items at the beginning, in the middle and at the end of a
/// chunk.
fn sizes() -> impl Iterator<Item = NonZeroUsize> {
    [1, 3, 4, 8].into_iter().filter_map(NonZeroUsize::new)
}

/// Numbers that no other test of this process has used.
fn fresh_numbers() -> Vec<u64> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let first = NEXT.fetch_add(8, Ordering::Relaxed);
    (first..first + 8).collect()
}

fn mood(bad: Mood, places: &[usize], place: usize) -> Mood {
    if places.contains(&place) {
        bad
    } else {
        Mood::Good
    }
}

/// Whether this is the failure of a value in that mood, with its own message.
fn fits(error: &Error, value: Value, mood: Mood, number: u64) -> bool {
    let kind = match error {
        Error::Panicked { .. } => mood == Mood::Panic,
        Error::Serialize { value: which, .. } => *which == value && mood != Mood::Panic,
        _ => false,
    };
    kind && error.to_string().contains(&format!("{number} is refused"))
}

#[test]
fn an_argument_that_cannot_be_decoded_leaves_the_rest_of_its_chunk_alone() {
    promptly(|| {
        let pool = pool(1);
        let worker = pool.submit(pid, ()).join().unwrap();
        for (bad, size) in BAD
            .into_iter()
            .flat_map(|bad| sizes().map(move |n| (bad, n)))
        {
            for places in PLACES {
                let numbers = fresh_numbers();
                let items = (0..).zip(&numbers);
                let items = items.map(|(n, x)| Item::new(*x, mood(bad, places, n)));
                let results: Vec<_> = pool.map_chunked(number_of, items, size).collect();
                let what = format!("{bad:?} at {places:?} in chunks of {size}");
                assert_eq!(results.len(), 8, "{what}");
                for (n, result) in results.iter().enumerate() {
                    let right = match result {
                        Ok(x) => !places.contains(&n) && *x == numbers[n],
                        Err(error) => {
                            places.contains(&n)
                                && fits(error, Value::Argument, bad, numbers[n])
                        }
                    };
                    assert!(right, "{what}: item {n} of {numbers:?}: {results:?}");
                }
            }
        }
        assert_eq!(pool.submit(pid, ()).join().unwrap(), worker);
    });
}

#[test]
fn a_result_that_cannot_be_decoded_leaves_the_rest_of_its_chunk_alone() {
    promptly(|| {
        let pool = pool(1);
        for (bad, size) in BAD
            .into_iter()
            .flat_map(|bad| sizes().map(move |n| (bad, n)))
        {
            for places in PLACES {
                let numbers = fresh_numbers();
                let items = (0..).zip(&numbers);
                let items = items.map(|(n, x)| (*x, mood(bad, places, n)));
                let mut map = pool.map_chunked(give, items, size);
                let what = format!("{bad:?} at {places:?} in chunks of {size}");
                for (n, number) in numbers.iter().enumerate() {
                    // The caller's own type may panic here, but only once.
                    let next = catch_unwind(AssertUnwindSafe(|| map.next().unwrap()));
                    let right = match &next {
                        Ok(Ok(item)) => {
                            !places.contains(&n)
                                && *item == Item::new(*number, Mood::Good)
                        }
                        Ok(Err(error)) => {
                            places.contains(&n)
                                && fits(error, Value::Result, bad, *number)
                        }
                        Err(_) => places.contains(&n) && bad == Mood::Panic,
                    };
                    assert!(right, "{what}: item {n} of {numbers:?}: {next:?}");
                }
                assert!(map.next().is_none(), "{what}");
            }
        }
    });
}

#[test]
fn what_the_decoder_says_arrives_in_both_directions() {
    promptly(|| {
        let pool = pool(1);
        let worker = pool.submit(pid, ()).join().unwrap();
        for bad in [Mood::Refuse, Mood::RefuseHalfway, Mood::RefuseOnce] {
            let number = fresh_numbers()[0];
            let argument = pool.submit(number_of, Item::new(number, bad));
            let error = argument.join().unwrap_err();
            assert!(
                fits(&error, Value::Argument, bad, number),
                "{bad:?}: {error}"
            );
            let result = pool.submit(give, (number, bad));
            let error = result.join().unwrap_err();
            assert!(fits(&error, Value::Result, bad, number), "{bad:?}: {error}");
        }
        assert_eq!(pool.submit(pid, ()).join().unwrap(), worker);
    });
}

#[test]
fn what_the_decoder_of_an_initializers_argument_says_arrives() {
    promptly(|| {
        for bad in [Mood::Refuse, Mood::RefuseHalfway, Mood::Panic] {
            let pool = builder()
                .initializer(start_with, Item::new(9, bad))
                .build()
                .unwrap();
            let error = pool.submit(square, 1).join().unwrap_err();
            assert!(matches!(error, Error::Broken(_)), "{error}");
            let text = error.to_string();
            assert!(text.contains("initializer"), "{text}");
            assert!(text.contains("9 is refused"), "{text}");
        }
    });
}

#[test]
fn a_panic_while_a_result_is_decoded_harms_nobody_else() {
    promptly(|| {
        let pool = pool(1);
        let number = fresh_numbers()[0];
        let task = pool.submit(give, (number, Mood::Panic));
        match catch_unwind(AssertUnwindSafe(|| task.join())) {
            // The caller's own type has panicked.
            Err(_) => {}
            Ok(Err(error)) => {
                assert!(fits(&error, Value::Result, Mood::Panic, number), "{error}");
            }
            Ok(Ok(item)) => panic!("{item:?}"),
        }
        assert_eq!(pool.submit(square, 4).join().unwrap(), 16);
    });
}
