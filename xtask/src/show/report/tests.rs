use std::collections::BTreeSet;
use std::env;

use super::*;
use crate::show::samples;

fn all() -> String {
    let report = Report {
        comparison: Some(samples::comparison()),
        scaling: Some(samples::scaling()),
        timelines: Some(samples::timelines()),
    };
    report.page().into_string()
}

#[test]
fn all_that_is_known_is_in_the_report() {
    let html = all();
    for text in [
        // What to take, and on what it was measured.
        "When to use which, measured here",
        "<td><strong>threads</strong></td>",
        "Measured: 2026-11-24 12:10 UTC",
        "with MALLOC_ARENA_MAX=2",
        "<summary>What the figures mean</summary>",
        // What ran when.
        "fetch-url: 3 URLs &lt;now&gt;",
        "<title>flask: begins at 310 ms, takes 290 ms, done</title>",
        // The race.
        "Not timed: processes ended with &lt;signal&gt; 9",
        "Not run: machines would need at least 5 minutes.",
        "450 ms (446…454)",
        "1,000 of each: 0.1:&lt;b&gt; 0.2:world",
        // What grows.
        "sequential: at 10, it did not end within 10s",
    ] {
        assert!(html.contains(text), "{text}");
    }
    // What to take comes before all else, then the pictures of what ran when.
    let take = html.find("<strong>threads</strong>").unwrap();
    let picture = html.find("<svg").unwrap();
    assert!(take < picture && take < html.find("<nav").unwrap());
    assert_eq!(html.find("<svg class=\"timeline\""), Some(picture));
}

#[test]
fn text_that_was_found_is_no_markup() {
    let hostile = "\"'><script>alert(1)</script><img src=x onerror=y>&amp;";
    let mut comparison = samples::comparison();
    let race = &mut comparison.races[0];
    for racer in &mut race.results.racers {
        racer.name = hostile.to_string();
    }
    race.results.racers[2].failure = Some(hostile.to_string());
    comparison.provenance.command = hostile.to_string();
    let mut scaling = samples::scaling();
    scaling.sweeps[0].curves[0].name = hostile.to_string();
    for panel in &mut comparison.timelines {
        panel.title = hostile.to_string();
        panel.timelines[0].name = hostile.to_string();
        panel.timelines[0].lanes[0].name = hostile.to_string();
        panel.timelines[0].lanes[0].bars[0].label = hostile.to_string();
    }
    let report = Report {
        comparison: Some(comparison),
        scaling: Some(scaling),
        timelines: None,
    };
    let html = report.page().into_string();
    assert!(
        !html.contains("<script") && !html.contains("<img"),
        "{html}"
    );
    // It cannot end an attribute that it stands in, either.
    assert!(!html.contains("\"\"'>"));
    assert!(html.matches("&lt;script&gt;alert(1)").count() > 10);
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let html = all();
    for loading in [
        "src=", "url(", "@import", "<script", "<link", "<iframe", "http",
    ] {
        assert!(!html.contains(loading), "{loading}");
    }
    for link in html.split("href=\"").skip(1) {
        assert!(link.starts_with('#'), "{link:.40}");
    }
}

#[test]
fn every_link_leads_to_one_place() {
    let html = all();
    let values = |attribute: &str| {
        let begin = format!(" {attribute}=\"");
        let values = html.split(&begin).skip(1);
        let values = values.map(|rest| rest.split('"').next().unwrap_or_default());
        values.map(String::from).collect::<Vec<_>>()
    };
    let ids = values("id");
    let unique: BTreeSet<_> = ids.iter().cloned().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    for link in values("href") {
        assert!(unique.contains(&link[1..]), "{link}");
    }
}

#[test]
fn an_earlier_result_of_an_older_form_is_left_out() {
    let name = format!("xtask-report-{}", std::process::id());
    let folder = Folder::create(env::temp_dir().join(name)).unwrap();
    folder.write(comparison::FILE, "{\"machine\": 1}").unwrap();
    let scaling = serde_json::to_string(&samples::scaling()).unwrap();
    folder.write(sweep::FILE, &scaling).unwrap();
    let report = Report::earlier(&folder);
    assert!(report.comparison.is_none() && report.scaling.is_some());
    fs::remove_dir_all(folder.path()).unwrap();
}
