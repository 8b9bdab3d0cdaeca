//! Where AWS's documentation leaves a behaviour open, the code says so, and says how sure its choice is.

use std::fs;
use std::path::Path;

/// Documented, observed, seen in third-party code, tried with the SDKs, uncertain.
const TAGS: [char; 5] = ['D', 'O', 'C', 'L', 'U'];

#[test]
fn every_doubt_in_the_code_has_its_tag_and_is_listed() {
    let gateway = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(gateway.join("README.md")).unwrap();
    let sources_of_gateway = gateway.join("src");
    let mut doubts = 0;
    for source in sources(&sources_of_gateway) {
        let text = fs::read_to_string(&source).unwrap();
        for (number, line) in text.lines().enumerate() {
            let Some((_, after)) =
                line.split_once("Undocumented").or_else(|| line.split_once("undocumented ["))
            else {
                continue;
            };
            doubts += 1;
            let file = source.strip_prefix(&sources_of_gateway).unwrap().to_str().unwrap();
            assert!(table.contains(&format!("`{file}`")), "gateway/README.md does not list {file}");
            let place = format!("{}:{}: {line}", source.display(), number + 1);
            let tags = after.trim_start().trim_start_matches('[').split(']').next().unwrap();
            let is_tag = |tag: &str| tag.len() == 1 && tag.starts_with(TAGS);
            assert!(!tags.is_empty() && tags.split(", ").all(is_tag), "{place}");
        }
    }
    assert!(doubts > 15, "only {doubts} doubts found: has their wording changed?");
    println!("{doubts} doubts, each with its tag");
}

fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { sources(&path) } else { vec![path] }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}
