//! `cargo xtask scale` from end to end.

use tests::{SAY_AFTER, THUMBNAILS, runnable};

use crate::race::{expect, folder, json, name, xtask};

#[test]
fn each_model_is_run_at_growing_sizes_until_its_limit() {
    let folder = folder("scale");
    let scale = xtask("scale say-after --up-to=10 --deadline=2", &folder);
    let finished = expect(scale, 0);
    let scaling = json(&folder, "scale.json");
    let curves = scaling["sweeps"][0]["curves"].as_array().unwrap();
    assert_eq!(curves.len(), runnable(SAY_AFTER).count());
    for curve in curves {
        let points = curve["points"].as_array().unwrap();
        let sizes = points.iter().map(|point| point["size"].as_u64().unwrap());
        let sizes: Vec<_> = sizes.collect();
        if name(curve) == "sequential" {
            // The next size is ten sayings of half a second, which takes too long.
            assert_eq!(sizes, [1], "{curve:#}");
            assert_eq!(curve["limit"]["what"], "time", "{curve:#}");
        } else {
            assert_eq!(sizes, [1, 10], "{curve:#}");
            let memory = points[1]["memory"].as_f64().unwrap();
            assert!(memory > 0.0, "{curve:#}");
        }
    }
    let limit = "sequential: at 10, it did not end";
    assert!(finished.stdout.contains(limit), "{finished:#?}");
}

#[test]
fn photos_grow_like_the_others() {
    let folder = folder("scale-photos");
    expect(xtask("scale thumbnails --up-to=1", &folder), 0);
    let scaling = json(&folder, "scale.json");
    let sweep = &scaling["sweeps"][0];
    assert_eq!(sweep["workload"], "thumbnails");
    let curves = sweep["curves"].as_array().unwrap();
    assert_eq!(curves.len(), runnable(THUMBNAILS).count());
    for curve in curves {
        assert_eq!(curve["points"][0]["size"], 1, "{curve:#}");
    }
}
