//! Characters that are commands to a terminal, or that XML forbids, are shown as escapes.

use crate::race::{errors, expect, folder, text, timed, xtask};
use crate::scripts;

/// Characters that must not be shown: control characters except the end of a line, the two
/// non-characters U+FFFE and U+FFFF, and those that change the order of the text.
fn is_forbidden(c: &char) -> bool {
    c.is_control() && *c != '\n' || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{202e}')
}

fn assert_harmless(what: &str, text: &str) {
    let forbidden: Vec<_> = text.chars().filter(is_forbidden).collect();
    assert!(forbidden.is_empty(), "{what} contains {forbidden:?}");
    assert!(
        text.contains("\\u{1b}"),
        "{what} does not show the escape: {text}"
    );
}

/// A saying with ESC, the bell, a C1 control character and two characters that XML forbids.
const STRANGE: &str = "0.01:a\u{1b}[31mb\u{7}\u{7f}\u{9b}\u{202e}\u{fffe}\u{ffff}";

#[test]
fn a_race_of_strange_sayings_succeeds_and_shows_escapes() {
    let folder = folder("strange-race");
    let arguments = "compare say-after --rounds 1 --repeat 1 \
                     --only sequential,threads,processes,async-gather";
    let race = xtask(arguments, &folder).args(["--sayings", STRANGE]);
    let finished = expect(race, 0);
    assert_eq!(
        timed(&folder),
        ["sequential", "threads", "processes", "async-gather"]
    );
    assert_harmless("stdout", &finished.stdout);
    for file in ["compare.md", "report.html"] {
        assert_harmless(file, &text(&folder, file));
    }
}

#[test]
fn timelines_of_strange_sayings_show_escapes() {
    let folder = folder("strange-timelines");
    let timeline = xtask("timeline say-after", &folder).args(["--sayings", STRANGE]);
    assert_harmless("stdout", &expect(timeline, 0).stdout);
    for file in [
        "timeline-say-after-light.svg",
        "timeline-say-after-dark.svg",
    ] {
        assert_harmless(file, &text(&folder, file));
    }
}

#[test]
fn strange_last_words_of_a_racer_are_shown_as_escapes() {
    let folder = folder("strange-failure");
    let fails = "printf 'no \\033[31mbread\\n' >&2; exit 3";
    let differs = "printf 'Calculation for 2 \\033[31m\\n'";
    let scripts = [("fails", fails), ("differs", differs)];
    let finished = expect(scripts::race(&folder, "--rounds 1", &scripts), 1);
    assert_eq!(errors(&finished).len(), 2, "{finished:#?}");
    assert_harmless("stderr", &finished.stderr);
    assert_harmless("stdout", &finished.stdout);
    for file in ["compare.md", "report.html"] {
        assert_harmless(file, &text(&folder, file));
    }
}
