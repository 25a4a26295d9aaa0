//! That each file a page mentions is there, and in which form it is served.

use std::fs;
use std::path::Path;

use super::*;

fn accepting(encodings: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(encodings))])
}

#[test]
fn a_file_is_served_as_the_browser_takes_it() {
    let css = ASSETS.iter().find(|asset| asset.name == "site.css");
    let encoding = |encodings| {
        let response = serve(css, FOR_EVER, &accepting(encodings));
        response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(encoding("gzip, deflate, br, zstd"), Some("br".to_owned()));
    assert_eq!(encoding("gzip, br;q=0"), Some("gzip".to_owned()));
    assert_eq!(encoding("identity"), None);
}

#[test]
fn the_style_sheet_names_the_typeface_by_what_is_in_it() {
    let css = ASSETS.iter().find(|asset| asset.name == "site.css").unwrap();
    let font = ASSETS.iter().find(|asset| asset.media_type == "font/woff2").unwrap();
    assert!(std::str::from_utf8(css.plain).unwrap().contains(font.served));
}

#[test]
fn every_file_that_a_template_mentions_is_there() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")];
    let mut mentioned = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for rest in text.split("asset(\"").skip(1) {
                let name = rest.split('"').next().unwrap();
                assert!(find_plain(name).is_some(), "{} in {}", name, path.display());
                mentioned += 1;
            }
        }
    }
    assert!(mentioned > 0);
}
