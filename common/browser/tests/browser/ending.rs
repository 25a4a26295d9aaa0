//! A browser leaves nothing behind, and says so when it has ended.

use std::{fs, path::PathBuf, time::Duration};

use browser::{Browser, Error};

use super::visit;

/// Each process that has the words in its command line.
fn processes_with(words: &str) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| {
        let line = fs::read(PathBuf::from(format!("/proc/{id}/cmdline"))).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(words)
    })
    .collect()
}

#[tokio::test]
async fn a_browser_that_is_dropped_is_gone_with_its_children_and_its_folder() {
    let visit = visit("/plain").await;
    let folder = visit.browser.folder().to_owned();
    let words = folder.to_str().unwrap().to_owned();
    assert!(processes_with(&words).len() > 2);
    assert!(folder.is_dir());

    drop(visit.browser);
    assert!(!folder.exists());
    for _ in 0..3_000 {
        if processes_with(&words).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(processes_with(&words), [0; 0]);
    let error = visit.page.title().await.unwrap_err();
    assert!(matches!(error, Error::Gone { .. }), "{error}");
}

#[tokio::test]
async fn a_page_that_asks_something_does_not_stand_still() {
    let visit = visit("/plain").await;
    assert_eq!(visit.page.evaluate("confirm('Really?')").await.unwrap(), true);
}

#[tokio::test]
async fn where_nobody_answers_nothing_is_opened() {
    let browser = Browser::start().await.unwrap();
    let person = browser.person().await.unwrap();
    let error = person.open("http://127.0.0.1:9/").await.map(drop).unwrap_err().to_string();
    assert!(error.contains("http://127.0.0.1:9/ could not be opened"), "{error}");
}
